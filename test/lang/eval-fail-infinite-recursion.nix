let a = { x = b.y; }; b = { y = a.x; }; in a.x
