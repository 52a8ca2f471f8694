# Python packages whose Debian name is not `python3-<name>`. Keep it sorted.
{
  beautifulsoup4 = "python3-bs4";
  jupyter = "jupyter";
  jupyterlab = "jupyterlab";
  notebook = "jupyter-notebook";
  opencv4 = "python3-opencv";
  pillow = "python3-pil";
  pyserial = "python3-serial";
  python-dateutil = "python3-dateutil";
  pyyaml = "python3-yaml";
  scikit-image = "python3-skimage";
  scikit-learn = "python3-sklearn";
  scikitimage = "python3-skimage";
}
