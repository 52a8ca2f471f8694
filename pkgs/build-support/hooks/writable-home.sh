# A home that can be written to. The sandbox has none.
export HOME=$NIX_BUILD_TOP/home
mkdir -p "$HOME"
