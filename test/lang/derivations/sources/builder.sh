echo $out
