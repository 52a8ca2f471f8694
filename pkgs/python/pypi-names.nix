# Nixpkgs' names for what PyPI calls otherwise. A project's own name needs no row.
{
  beautifulsoup = "beautifulsoup4";
  ipython_genutils = "ipython-genutils";
  opencv = "opencv-python-headless";
  opencv3 = "opencv-python-headless";
  opencv4 = "opencv-python-headless";
  pyqt5 = "pyqt5";
  pytorch = "torch";
  tensorflowWithoutCuda = "tensorflow-cpu";
  torchWithoutCuda = "torch";
}
