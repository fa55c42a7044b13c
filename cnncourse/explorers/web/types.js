/**
 * What the modules hand each other. Python's `scene.py` has the same things under the same names.
 *
 * @typedef {Record<string, any>} Settings every setting by name: numbers, [rows, columns], yes or no, a position
 * @typedef {Record<string, any>} Changes some of them
 * @typedef {Record<string, any>} Texts sentences with named gaps, as Python sends them
 * @typedef {[number, number]} Pair (row, column), or one number for each axis
 *
 * @typedef {object} Spec a setting as Python describes it
 * @property {"range" | "choice" | "switch" | "position" | "real" | "stops" | "levels" | "cell" | "edits"} type
 * @property {string} name
 * @property {string} label
 * @property {string} [symbol]
 * @property {number} [low]
 * @property {number} [high]
 * @property {boolean} [pair]
 * @property {string} [group] settings of one group stand together
 * @property {[string, string][]} [options]
 * @property {number} [step] of a real number
 * @property {number} [decimals]
 * @property {number[]} [stops]
 * @property {string} [names] of all cells, with spaces between
 *
 * @typedef {object} GridData
 * @property {string} role
 * @property {string} title
 * @property {(number | null)[][]} values
 * @property {string[]} kinds one letter a cell: i input, p padding, x never read, o output
 * @property {number[][]} [counts]
 *
 * @typedef {object} Scene
 * @property {number[] | null} output
 * @property {GridData[]} grids
 * @property {number[][]} rows for each output row the input rows, counted with padding, that its window reads
 * @property {number[][]} columns
 * @property {string[]} lines
 * @property {string} sentence
 * @property {string} message why nothing fits, else empty
 * @property {number} [bias] what is added to every sum
 * @property {string} [f] what becomes of the sum
 * @property {number[]} [places] through which the position goes, if not through the output
 * @property {string} [map] what the first of three numbers of the position counts
 * @property {number[][]} [winners] for each window the number of the cell that max pooling takes
 * @property {string} [pool]
 * @property {number[]} [sizes] of every map of a stack
 * @property {number[][][]} [chain] for each layer the cells that each of its outputs reads
 * @property {string} [stage]
 * @property {"source" | "output"} [by] whether the position is one of a source or of the result
 * @property {number[]} [turned] a kernel as it lies on its row
 * @property {number} [first] the index of the first place
 * @property {number} [before] how many zeros stand before the first number
 * @property {Pair} [border]
 * @property {number[][][]} [stamps]
 * @property {number[][][]} [windows]
 * @property {Plot[]} [plots] what explorers of curves have in place of grids
 * @property {any} [numbers] results by name, where there are no grids
 *
 * @typedef {number[] | null} Point of a curve; null where the line is broken
 *
 * @typedef {object} Axis
 * @property {string} label
 * @property {number} low
 * @property {number} high
 * @property {boolean} log
 * @property {[number, string][]} ticks
 *
 * @typedef {object} Mark
 * @property {string} mark line, dots, bars or label
 * @property {string} look
 * @property {Point[]} [points]
 * @property {number[][]} [boxes] [left, low, right, high]
 * @property {string} [text]
 * @property {number[]} [at]
 * @property {string} [anchor]
 * @property {string} [place]
 *
 * @typedef {object} Plot
 * @property {string} title
 * @property {string} said what it shows, in words
 * @property {Axis} x
 * @property {Axis} y
 * @property {Mark[]} marks
 * @property {Point[]} items the points that can be walked
 *
 * @typedef {object} Data what an explorer's browser side works with
 * @property {string} name
 * @property {Texts} texts
 * @property {Record<string, string>} words
 * @property {number[][]} image
 * @property {number[][]} kernel
 * @property {number} bias
 * @property {Record<string, number>} largest
 * @property {[string, Changes][]} [presets]
 * @property {any} [known] what an explorer computes from
 * @property {[string, string][]} [legend] looks with what they mean
 * @property {Record<string, number[]>} [room] for each size of the card how many lines reading and panel need
 * @property {number} [formulas] how many formulas there may be, if not two
 * @property {Settings} [start] settings that fit
 * @property {string} [lang] of its words, where it is not English
 * @property {string[]} [keys] the settings by which `scenes` are found
 * @property {Record<string, Scene>} [scenes]
 * @property {string} [photo] a byte for each pixel, in base64
 * @property {number} [side]
 * @property {number} [many]
 * @property {number} [bins]
 * @property {string} [digits] packed, in base64
 * @property {number} [examples]
 * @property {number} [levels] from paper to ink
 * @property {string} [noise] numbers in single precision, in base64
 * @property {Record<string, [number[], number[]]>} [curves] for each change its values, and how many digits are read right
 * @property {number} [count]
 * @property {Record<string, number[]>} [inputs] the shape of each
 * @property {Record<string, number[][][]>} [images] by name, one or several that are shown in turn
 * @property {Record<string, Record<string, number[][]>>} [starts] by name the parameters before the first step
 * @property {Record<string, Pair>} [shapes] the rows and columns of every grid
 * @property {Record<string, string>} [names] what every grid holds
 * @property {number} [most] steps
 * @property {number} [tiny] numbers so close count as equal
 * @property {[number, number]} [work] multiply-adds of one pass, and of one window
 * @property {DataView} [weights] the parameters of a network
 *
 * @typedef {object} Model the part of anywidget's model that is used
 * @property {(name: string) => any} get
 * @property {(name: string, value: any) => void} set
 * @property {(event: string, act: () => void) => void} on
 * @property {(event: string, act: () => void) => void} off
 * @property {() => void} save_changes
 *
 * @typedef {object} Box
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 *
 * @typedef {object} Place a cell of the stage
 * @property {string} role
 * @property {Pair} cell
 *
 * @typedef {object} Host what a stage may ask of the card that it stands on
 * @property {Data} data
 * @property {string} id
 * @property {(where: Place | null) => void} point
 * @property {(where: Place) => void} choose
 * @property {(changes: Changes) => void} change
 * @property {(glide: boolean) => void} light
 * @property {(words: string) => void} announce
 * @property {Spec[]} specs
 *
 * @typedef {object} Bar what stands under a stage
 * @property {HTMLElement} node
 * @property {(places: number[] | null, position: number[], map?: string) => void} set
 * @property {() => void} stop
 *
 * @typedef {object} Stage what an explorer draws on
 * @property {SVGElement} node
 * @property {(width: number, size: string) => void} measure
 * @property {(scene: Scene, settings: Settings) => void} draw
 * @property {(settings: Settings) => void} settle only the position is another
 * @property {(settings: Settings) => void} misfit
 * @property {(where: Place, pinned: Pair | null, glide: boolean) => string} show
 * @property {(where: Place) => boolean} holds
 * @property {Bar} [player] what stands under the stage, if it is not the bar of a window
 * @property {(settings: Settings) => Place} [home] the cell that the position means, if not an output
 * @property {(where: Place) => number[] | null} [positionOf] the position that a cell stands for
 * @property {(where: Place) => Changes} [meant] what choosing a cell changes, if not the position
 * @property {HTMLElement[]} [under] what lies under the drawing
 * @property {HTMLElement[]} [over] what lies over it
 * @property {() => void} [keep] called before the drawing is saved
 * @property {() => void} [end]
 *
 * @typedef {(data: Data, settings: Settings) => Scene} SceneOf the scene of these settings, as Python computes it
 * @typedef {(data: Data, settings: Settings, library: string) => string} CodeOf a program for "cnnlib" or "torch"
 * @typedef {(data: Data, settings: Settings, name: string) => string} IdleOf why a setting does nothing now, or ""
 * @typedef {(data: Data, scene: Scene, settings: Settings, k: number) => string} ReadingOf point k of a curve in words
 * @typedef {(before: Settings, after: Settings) => Settings} Follow what else a change brings with it
 *
 * @typedef {object} Kind an explorer of the page: its scene, stage and code
 * @property {SceneOf} scene
 * @property {(host: Host) => Stage} stage
 * @property {CodeOf} code
 * @property {IdleOf} [idle]
 * @property {string} [look] a class of its card
 * @property {(specs: Spec[], words: Record<string, string>, change: (changes: Changes) => void, data: Data) => import("./knobs.js").Knobs | import("./controls.js").Controls} [controls]
 * @property {(data: Data) => HTMLElement} [legend]
 * @property {boolean} [weights] the scenes are those of a network, whose parameters come beside the data
 * @property {number} [lines] how many formulas there are at most, if not two
 * @property {boolean} [above] choices stand among the ranges, and presets over them, though a window moves
 * @property {boolean} [still] no window moves from place to place: there is nothing to play
 * @property {Follow} [follow]
 */

export {};
