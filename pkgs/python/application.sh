# The commands of a Python package: those of its tree, and those that its entry points name.
mkdir -p "$out/bin"
shopt -s nullglob
names=()
for program in "$tree"/bin/*; do names+=("${program##*/}"); done
for points in "$tree/$sitePackages"/*.dist-info/entry_points.txt; do
  while IFS= read -r name; do names+=("$name"); done < <(
    sed -n '/^[[:space:]]*\[/{h;d};G;s/^[[:space:]]*\([^#;=[:space:]][^=[:space:]]*\)[[:space:]]*=.*\n[[:space:]]*\[\(console\|gui\)_scripts\].*/\1/p' "$points"
  )
done
for name in "${names[@]}"; do ln -sf "$package/bin/$name" "$out/bin/$name"; done
for folder in "$tree"/share "$tree"/etc; do ln -s "$folder" "$out/${folder##*/}"; done
