let pkgs = { hello = "hello"; }; in pkgs { system = "x86_64-linux"; }
