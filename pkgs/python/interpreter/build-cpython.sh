# CPython from its own source archive: configure, make, install, and the same bytes wherever it is built.
#
# What it tells extension modules of how it was built (sysconfig) names the compiler, and no folder of this build.
export PATH=/usr/bin:/bin LC_ALL=C.UTF-8 TZ=UTC HOME=/nonexistent
# `sys.version` has a date, which the compiler takes from here.
export SOURCE_DATE_EPOCH=1 PYTHONHASHSEED=0

mkdir source
tar -xf "$src" -C source --strip-components=1
cd source

# Assertions and messages have names of source files in them.
export CFLAGS_NODIST="-ffile-prefix-map=$PWD=."
# As CPython has it, but for debug information, which would be stripped again.
export OPT="-DNDEBUG -O3 -Wall"
./configure --quiet --prefix="$out" --with-ensurepip=no --enable-loadable-sqlite-extensions --without-static-libpython \
  --disable-test-modules
make --silent -j"$NIX_BUILD_CORES"
make --silent install >install.log || { tail -n 50 install.log; exit 1; }

library=$out/lib/$executable
# Before 3.10, configure has no options for these.
find "$library" -path '*/config-*/libpython*.a' -delete
rm -f "$out/lib/libpython"*.a
# The interpreter's own tests, with their helpers, are for whoever develops it.
rm -rf "$library/test" "$library"/*/test "$library"/*/tests
find "$out" \( -name '*.so' -o -path "$out/bin/$executable" \) -exec strip --strip-unneeded {} +

# `make install` has compiled too, in its own way.
find "$out" -name __pycache__ -prune -exec rm -r {} +
grep -rlF "$PWD" "$library" "$out/bin" | while read -r file; do sed -i "s|$PWD|.|g" "$file"; done
(cd / && "$out/bin/$executable" -s -B -S -m compileall -f -q --invalidation-mode unchecked-hash "$library")

for name in python python3; do
  test -e "$out/bin/$name" || ln -s "$executable" "$out/bin/$name"
done

# configure leaves out what it does not find, and says so to nobody.
for module in $modules; do
  "$out/bin/$executable" -I -B -c "import $module"
done
