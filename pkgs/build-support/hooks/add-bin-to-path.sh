# Programs of the package itself are found by its tests.
addBinToPath() { PATH=$out/bin:$PATH; }
preInstallCheckHooks+=(addBinToPath)
