let version = "2.1"; in assert builtins.compareVersions version "3" >= 0; version
