"""A JupyterHub for a class: a JupyterLab for each student; the course is installed once, for all.

jupyterhub --config docs/jupyterhub_config.py
"""

import os
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
c = get_config()  # noqa: F821 (JupyterHub defines it)

# Where browsers reach the hub. It speaks plain HTTP: if its network is not closed, put a web
# server with TLS before it.
c.JupyterHub.bind_url = "http://0.0.0.0:8000"

# The proxy that leads each browser to its own server: that of `npm ci`, or an installed one.
ours = HERE.parent / "node_modules" / ".bin" / "configurable-http-proxy"
c.ConfigurableHTTPProxy.command = [str(ours) if ours.exists() else shutil.which(ours.name) or ours.name]

# Who comes in: the accounts of this computer, of those only the named ones if you give names.
c.JupyterHub.authenticator_class = "pam"
c.Authenticator.allow_all = True
# c.Authenticator.allow_all, c.Authenticator.allowed_users = False, {"ada", "grace"}

# What a student's server is: JupyterLab out of the environment that the hub itself runs in.
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.default_url = "/lab"
c.Spawner.http_timeout = c.Spawner.start_timeout = 120  # seconds; a whole class starts at once
c.Spawner.args = [
    "--MappingKernelManager.cull_idle_timeout=1800",  # seconds: a kernel that does nothing ends,
    "--ServerApp.shutdown_no_activity_timeout=3600",  # and a server that has none
    "--LabApp.news_url=None",
]

# One thread for each kernel: students who train networks would otherwise take each other's cores.
# The four MNIST files are read from one folder, if $CNNLIB_DATA names it (they lie in mnist/ there).
c.Spawner.environment = {"OPENBLAS_NUM_THREADS": "1"}
if data := os.environ.get("CNNLIB_DATA"):
    c.Spawner.environment["CNNLIB_DATA"] = data
