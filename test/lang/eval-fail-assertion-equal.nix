assert { a = [ 1 2 { b = "x"; } ]; } == { a = [ 1 2 { b = "y"; } ]; }; true
