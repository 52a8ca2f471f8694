# What source packages are compiled against, by R's names: packages of Debian's that hold the headers. An index of R's
# does not say (`SystemRequirements` is prose in DESCRIPTION). `config.r.build.NAME.packages` adds to it.
{
  Cairo = [ "libcairo2-dev" ];
  RMariaDB = [ "libmariadb-dev" ];
  RMySQL = [ "libmariadb-dev" ];
  RODBC = [ "unixodbc-dev" ];
  RPostgreSQL = [ "libpq-dev" ];
  RPostgres = [ "libpq-dev" ];
  RProtoBuf = [
    "libprotobuf-dev"
    "protobuf-compiler"
  ];
  Rglpk = [ "libglpk-dev" ];
  Rhtslib = [
    "libbz2-dev"
    "libcurl4-openssl-dev"
    "liblzma-dev"
  ];
  Rmpfr = [ "libmpfr-dev" ];
  Rmpi = [ "libopenmpi-dev" ];
  Rsymphony = [ "coinor-libsymphony-dev" ];
  V8 = [ "libnode-dev" ];
  XML = [ "libxml2-dev" ];
  av = [ "libavfilter-dev" ];
  bigmemory = [ "uuid-dev" ];
  curl = [ "libcurl4-openssl-dev" ];
  "data.table" = [ "zlib1g-dev" ];
  fftw = [ "libfftw3-dev" ];
  fftwtools = [ "libfftw3-dev" ];
  fs = [ "libuv1-dev" ];
  gert = [ "libgit2-dev" ];
  git2r = [ "libgit2-dev" ];
  glpkAPI = [ "libglpk-dev" ];
  gmp = [ "libgmp-dev" ];
  gsl = [ "libgsl-dev" ];
  hdf5r = [ "libhdf5-dev" ];
  httpuv = [ "zlib1g-dev" ];
  igraph = [
    "libglpk-dev"
    "libgmp-dev"
    "libxml2-dev"
  ];
  jpeg = [ "libjpeg-dev" ];
  magick = [ "libmagick++-dev" ];
  ncdf4 = [ "libnetcdf-dev" ];
  nloptr = [ "libnlopt-dev" ];
  odbc = [ "unixodbc-dev" ];
  openssl = [ "libssl-dev" ];
  pbdZMQ = [ "libzmq3-dev" ];
  pdftools = [ "libpoppler-cpp-dev" ];
  png = [ "libpng-dev" ];
  protolite = [
    "libprotobuf-dev"
    "protobuf-compiler"
  ];
  ragg = [
    "libfreetype-dev"
    "libjpeg-dev"
    "libpng-dev"
    "libtiff-dev"
  ];
  redux = [ "libhiredis-dev" ];
  rgl = [
    "libgl-dev"
    "libglu1-mesa-dev"
    "libpng-dev"
  ];
  rjags = [ "jags" ];
  rsvg = [ "librsvg2-dev" ];
  rzmq = [ "libzmq3-dev" ];
  s2 = [ "libssl-dev" ];
  sf = [
    "libgdal-dev"
    "libgeos-dev"
    "libproj-dev"
    "libsqlite3-dev"
    "libudunits2-dev"
  ];
  sodium = [ "libsodium-dev" ];
  ssh = [ "libssh-dev" ];
  stringi = [ "libicu-dev" ];
  svglite = [ "libpng-dev" ];
  systemfonts = [
    "libfontconfig-dev"
    "libfreetype-dev"
  ];
  terra = [
    "libgdal-dev"
    "libgeos-dev"
    "libproj-dev"
    "libsqlite3-dev"
  ];
  tesseract = [
    "libleptonica-dev"
    "libtesseract-dev"
  ];
  textshaping = [
    "libfreetype-dev"
    "libfribidi-dev"
    "libharfbuzz-dev"
  ];
  tiff = [ "libtiff-dev" ];
  udunits2 = [ "libudunits2-dev" ];
  units = [ "libudunits2-dev" ];
  vdiffr = [ "libpng-dev" ];
  xml2 = [ "libxml2-dev" ];
  xslt = [ "libxslt1-dev" ];
}
