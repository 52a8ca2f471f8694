let packages = { python = { version = "3.13"; }; }; in packages.python.vresion
