"""The hub of docs/jupyterhub_config.py as the tests start it: any name may come in, on ports that are free."""

import os
from pathlib import Path

c = get_config()  # noqa: F821 (JupyterHub defines it)
load_subconfig(str(Path(__file__).resolve().parents[1] / "docs" / "jupyterhub_config.py"))  # noqa: F821

home = Path(os.environ["HUB_HOME"])
public, proxy, hub = os.environ["HUB_PORTS"].split()
c.JupyterHub.bind_url = f"http://127.0.0.1:{public}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{proxy}"
c.JupyterHub.hub_port = int(hub)
c.JupyterHub.db_url = f"sqlite:///{home / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(home / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(home / "proxy.pid")
c.JupyterHub.log_level = "WARN"

# No accounts of the system: a folder for each name, and processes of whoever runs the tests, root too.
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(home / "{username}")
c.Spawner.args += ["--LabApp.expose_app_in_browser=True", f"--LabApp.user_settings_dir={home}/settings"]
if os.geteuid() == 0:
    c.Spawner.args += ["--allow-root"]
# git-pull asks git, which has no account of its own here.
c.Spawner.environment |= {"JUPYTER_PREFER_ENV_PATH": "1", "GIT_CONFIG_COUNT": "1"}
c.Spawner.environment |= {"GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
