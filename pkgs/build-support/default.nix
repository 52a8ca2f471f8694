# Trivial builders: texts, scripts, small commands, trees of links.
final: prev:
let
  inherit (final) lib stdenvNoCC debianTools;

  runCommandWith =
    {
      stdenv ? stdenvNoCC,
      name,
      runLocal ? false,
      derivationArgs ? { },
    }:
    buildCommand:
    stdenv.mkDerivation (
      {
        inherit name buildCommand;
        passAsFile = [ "buildCommand" ] ++ derivationArgs.passAsFile or [ ];
        enableParallelBuilding = true;
      }
      // lib.optionalAttrs runLocal { preferLocalBuild = true; }
      // removeAttrs derivationArgs [ "passAsFile" ]
    );

  writeTextFile =
    {
      name,
      text,
      executable ? false,
      destination ? "",
      checkPhase ? "",
      meta ? { },
      passthru ? { },
    }:
    runCommandWith {
      inherit name;
      runLocal = true;
      derivationArgs = {
        inherit
          text
          executable
          destination
          checkPhase
          meta
          passthru
          ;
        passAsFile = [ "text" ];
      };
    } ''
      target=$out$destination
      mkdir -p "$(dirname "$target")"
      cp "$textPath" "$target"
      if [ -n "$executable" ]; then chmod +x "$target"; fi
      eval "$checkPhase"
    '';
in
{
  inherit runCommandWith writeTextFile;

  runCommand = name: env: runCommandWith { inherit name; derivationArgs = env; };
  runCommandLocal =
    name: env:
    runCommandWith {
      inherit name;
      runLocal = true;
      derivationArgs = env;
    };
  runCommandCC =
    name: env:
    runCommandWith {
      inherit name;
      inherit (final) stdenv;
      derivationArgs = env;
    };

  writeText = name: text: writeTextFile { inherit name text; };
  writeTextDir =
    path: text:
    writeTextFile {
      name = baseNameOf path;
      inherit text;
      destination = "/${path}";
    };
  writeScript =
    name: text:
    writeTextFile {
      inherit name text;
      executable = true;
    };
  writeScriptBin =
    name: text:
    writeTextFile {
      inherit name text;
      executable = true;
      destination = "/bin/${name}";
      meta.mainProgram = name;
    };
  writeShellScript =
    name: text:
    writeTextFile {
      inherit name;
      executable = true;
      text = "#!${final.runtimeShell}\n${text}\n";
      checkPhase = "bash -n \"$target\"";
    };
  writeShellScriptBin =
    name: text:
    writeTextFile {
      inherit name;
      executable = true;
      destination = "/bin/${name}";
      text = "#!${final.runtimeShell}\n${text}\n";
      checkPhase = "bash -n \"$target\"";
      meta.mainProgram = name;
    };
  writeShellApplication =
    {
      name,
      text,
      runtimeInputs ? [ ],
      runtimeEnv ? { },
    }:
    writeTextFile {
      inherit name;
      executable = true;
      destination = "/bin/${name}";
      text = ''
        #!${final.runtimeShell}
        set -o errexit -o nounset -o pipefail
        ${lib.concatStrings (
          lib.mapAttrsToList (key: value: "export ${key}=${lib.escapeShellArg value}\n") runtimeEnv
        )}${lib.optionalString (runtimeInputs != [ ]) "export PATH=\"${lib.makeBinPath runtimeInputs}:$PATH\""}
        ${text}
      '';
      checkPhase = "bash -n \"$target\"";
      meta.mainProgram = name;
    };

  # Every root has bash at this place, and nothing runs outside of a root.
  runtimeShell = "/bin/bash";

  symlinkJoin =
    {
      name,
      paths,
      postBuild ? "",
      ...
    }@args:
    runCommandWith {
      inherit name;
      runLocal = true;
      derivationArgs =
        removeAttrs args [
          "name"
          "postBuild"
        ]
        // {
          inherit paths;
        };
    } ''
      mkdir -p $out
      for path in $paths; do cp -rs --no-preserve=mode --update=none "$path"/. $out/ 2>/dev/null || cp -rsn "$path"/. $out/; done
      ${postBuild}
    '';

  linkFarm =
    name: entries:
    let
      list =
        if builtins.isAttrs entries then
          lib.mapAttrsToList (name: path: { inherit name path; }) entries
        else
          entries;
    in
    final.runCommandLocal name { } ''
      mkdir -p $out
      cd $out
      ${lib.concatMapStrings (entry: ''
        mkdir -p ${lib.escapeShellArg (dirOf entry.name)}
        ln -s ${lib.escapeShellArg "${entry.path}"} ${lib.escapeShellArg entry.name}
      '') list}
    '';

  fetchurl =
    {
      url ? "",
      urls ? [ url ],
      name ? baseNameOf (builtins.head urls),
      hash ? "",
      sha256 ? "",
      executable ? false,
      ...
    }:
    derivation {
      inherit name;
      system = "builtin";
      builder = "builtin:fetchurl";
      url = builtins.head urls;
      inherit urls executable;
      outputHash = if hash != "" then hash else sha256;
      outputHashAlgo = if hash != "" then null else "sha256";
      outputHashMode = if executable then "recursive" else "flat";
      preferLocalBuild = true;
    };

  # What an archive holds, by the end of its name; a single folder at its top is left out, as tarballs have it. The hash
  # stays that of the archive.
  unpackArchive =
    { name, src }:
    let
      file = src.name or (baseNameOf (toString src));
      ends = lib.hasSuffix;
      byEnd = builtins.filter (tool: builtins.any (end: ends end file) tool.ends) [
        {
          ends = [ ".tar.xz" ".txz" ];
          package = "xz-utils";
        }
        {
          ends = [ ".tar.bz2" ".tbz" ".tbz2" ];
          package = "bzip2";
        }
        {
          ends = [ ".tar.zst" ".tzst" ];
          package = "zstd";
        }
        {
          ends = [ ".zip" ];
          package = "unzip";
        }
      ];
      isKnown = byEnd != [ ] || builtins.any (end: ends end file) [ ".tar" ".tar.gz" ".tgz" ];
    in
    if !isKnown then
      throw "unpackArchive does not know this kind of archive: `${file}` (hint: tar, tar.gz, tar.xz, tar.bz2, tar.zst and zip are known)"
    else
      final.runCommandLocal name {
        inherit src;
        nativeBuildInputs = map (tool: final.debian.${tool.package}) byEnd;
      } (
        ''
          mkdir unpacked
        ''
        + (
          if ends ".zip" file then
            "unzip -q $src -d unpacked\n"
          else
            "tar -xf $src -C unpacked --no-same-owner ${lib.optionalString (ends "gz" file) "-z"}\n"
        )
        + ''
          chmod -R u+w unpacked
          top=unpacked
          if [ "$(ls -A unpacked | wc -l)" = 1 ] && [ -d unpacked/"$(ls -A unpacked)" ]; then top=unpacked/$(ls -A unpacked); fi
          mv "$top" $out
        ''
      );
}
