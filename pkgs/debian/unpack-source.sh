# Unpacks a source package: dpkg-source wants the files under their own names beside the .dsc, which comes first.
export PATH=/usr/bin:/bin LC_ALL=C TMPDIR=$PWD
mkdir files
set -- $fileNames
description=$1
for file in $files; do
  ln -s "$file" "files/$1"
  shift
done
# Who maintains a package signs its .dsc; that is checked by the archive, whose index is signed.
dpkg-source --no-check --no-copy -x "files/$description" unpacked
mv unpacked "$out"
