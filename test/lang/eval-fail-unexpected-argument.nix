let build = { name, version ? "1" }: "${name}-${version}"; in build { name = "x"; verison = "2"; }
