# Licences by Nixpkgs' names.
builtins.mapAttrs
  (
    shortName: attrs:
    {
      inherit shortName;
      free = true;
    }
    // attrs
  )
  {
    mit = {
      fullName = "MIT License";
      spdxId = "MIT";
    };
    bsd2.spdxId = "BSD-2-Clause";
    bsd3.spdxId = "BSD-3-Clause";
    asl20.spdxId = "Apache-2.0";
    gpl2Only.spdxId = "GPL-2.0-only";
    gpl2Plus.spdxId = "GPL-2.0-or-later";
    gpl3Only.spdxId = "GPL-3.0-only";
    gpl3Plus.spdxId = "GPL-3.0-or-later";
    lgpl21Plus.spdxId = "LGPL-2.1-or-later";
    lgpl3Plus.spdxId = "LGPL-3.0-or-later";
    mpl20.spdxId = "MPL-2.0";
    isc.spdxId = "ISC";
    zlib.spdxId = "Zlib";
    unfree.free = false;
  }
