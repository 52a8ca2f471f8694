let name = "a"; in { ${name} = 1; ${name + ""} = 2; }.b
