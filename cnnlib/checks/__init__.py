"""Instant checks for the exercises: `checks.name(your_function)`, or `checks.name(your_answer)` for a prediction.

A check says "not yet" as long as the stub is untouched, "right" with what was tried, or what is wrong: where an answer
first differs and for which numbers, and the name of the mistake if it is a known one. The cases are random and new each
time; `checks.name(your_function, seed=1)` repeats one.
"""

from __future__ import annotations

from . import (
    chapter01,
    chapter02,
    chapter03,
    chapter03_layers,
    chapter04,
    chapter05,
    chapter06,
    chapter06_layers,
    chapter06_pairs,
    chapter06_pooling,
    chapter06_whole,
    chapter07,
    chapter07_loop,
    chapter08,
    chapter09,
)
from .exercise import FunctionExercise
from .prediction import Prediction
from .result import Result

Exercise = FunctionExercise | Prediction

leaky_relu = chapter01.leaky_relu_check
leaky_relu_derivative = chapter01.leaky_relu_derivative_check
largest_factor = chapter01.largest_factor_check
count_parameters = chapter02.count_parameters_check
conv2d_one_channel = chapter03.conv2d_one_channel_check
conv2d_many_channels = chapter03_layers.conv2d_many_channels_check
true_convolution = chapter03.true_convolution_check
conv_shapes = chapter04.conv_shapes_check
output_size = chapter04.output_size_check
choose_fps = chapter04.choose_fps_check
mean_pool2d = chapter05.mean_pool2d_check
max_pool2d = chapter05.max_pool2d_check
pooled_shapes = chapter05.pooled_shapes_check
false_about_convolutions = chapter05.false_about_convolutions_check
false_about_pooling = chapter05.false_about_pooling_check
chain_rule = chapter06.chain_rule_check
total_derivative = chapter06.total_derivative_check
delta_stride_one = chapter06.delta_stride_one_check
expand_delta = chapter06.expand_delta_check
weight_gradient = chapter06_layers.weight_gradient_check
max_pool_backward = chapter06_pooling.max_pool_backward_check
conv2d_backward = chapter06_whole.conv2d_backward_check
pair_strides = chapter06_pairs.pair_strides_check
stable_softmax = chapter07.stable_softmax_check
update_rule = chapter07.update_rule_check
momentum_rule = chapter07.momentum_rule_check
training_loop_bug = chapter07_loop.training_loop_bug_check
one_change = chapter08.one_change_check
convert_linear = chapter09.convert_linear_check
transposed_size = chapter09.transposed_size_check

EXERCISES: dict[str, Exercise] = {
    exercise.name: exercise for exercise in list(globals().values()) if isinstance(exercise, Exercise)
}

__all__ = ["EXERCISES", "Exercise", "Result", *EXERCISES]
