# Nixpkgs' names for what PyPI calls otherwise: a project's name, or, of a name that means certain versions, a requirement. A
# project's own name needs no row. Keep it sorted.
{
  beautifulsoup = "beautifulsoup4";
  cython_0 = "cython<1";
  dateutil = "python-dateutil";
  jaxlib-bin = "jaxlib";
  msgpack-python = "msgpack";
  numpy_1 = "numpy<2";
  numpy_2 = "numpy>=2,<3";
  opencv = "opencv-python-headless";
  opencv3 = "opencv-python-headless";
  opencv4 = "opencv-python-headless";
  protobuf3 = "protobuf<4";
  protobuf4 = "protobuf>=4,<5";
  protobuf5 = "protobuf>=5,<6";
  pytest_7 = "pytest<8";
  pytestrunner = "pytest-runner";
  pytorch = "torch";
  scikitimage = "scikit-image";
  scikitlearn = "scikit-learn";
  setuptools_80 = "setuptools<81";
  tensorflow-bin = "tensorflow";
  tensorflowWithoutCuda = "tensorflow-cpu";
  torch-bin = "torch";
  torchaudio-bin = "torchaudio";
  torchvision-bin = "torchvision";
  torchWithCuda = "torch";
  torchWithoutCuda = "torch";
}
