# Sources by the hash of the tree that they come to, as Nixpkgs' fetchers have it: archives are unpacked, and of what has a
# single folder at its top that folder is meant.
final: prev:
let
  inherit (final) lib;

  hashOf =
    who: { hash ? "", sha256 ? "", ... }:
    if hash != "" then
      hash
    else if sha256 != "" then
      sha256
    else
      throw "${who} needs the hash of what it fetches (hint: lib.fakeHash lets the true one be told)";

  fetchzip =
    {
      url ? builtins.head urls,
      urls ? [ ],
      name ? "source",
      stripRoot ? true,
      passthru ? { },
      meta ? { },
      ...
    }@args:
    if !stripRoot then
      throw "fetchzip takes the single folder at the top of an archive, and stripRoot = false is not known to it: `${url}`"
    else
      {
        inherit name url meta;
        type = "derivation";
        outPath = builtins.fetchTarball {
          inherit name url;
          sha256 = hashOf "fetchzip" args;
        };
      }
      // passthru;

  # The archive that a host of git repositories makes of a revision.
  fromHost =
    who: archive:
    {
      owner ? "",
      repo,
      rev ? null,
      tag ? null,
      name ? "source",
      fetchSubmodules ? false,
      leaveDotGit ? false,
      deepClone ? false,
      passthru ? { },
      meta ? { },
      ...
    }@args:
    let
      revision =
        if rev != null then
          rev
        else if tag != null then
          "refs/tags/${tag}"
        else
          throw "${who} needs rev or tag: `${owner}/${repo}`";
    in
    if fetchSubmodules || leaveDotGit || deepClone then
      throw "${who} takes the archive of a revision, in which there are no submodules and no .git: `${owner}/${repo}` (hint: builtins.fetchGit { url; rev; submodules = true; })"
    else
      fetchzip {
        inherit name passthru meta;
        url = archive (args // { inherit owner repo revision; });
        hash = hashOf who args;
      }
      // {
        inherit owner repo tag;
        rev = revision;
      };
in
{
  inherit fetchzip;
  fetchTarball = builtins.fetchTarball;
  fetchFromGitHub = fromHost "fetchFromGitHub" (
    { owner, repo, revision, githubBase ? "github.com", ... }: "https://${githubBase}/${owner}/${repo}/archive/${revision}.tar.gz"
  );
  fetchFromGitLab = fromHost "fetchFromGitLab" (
    { owner, repo, revision, domain ? "gitlab.com", group ? null, ... }:
    let
      project = lib.concatStringsSep "%2F" (lib.optional (group != null) group ++ [ owner repo ]);
    in
    "https://${domain}/api/v4/projects/${project}/repository/archive.tar.gz?sha=${builtins.replaceStrings [ "/" ] [ "%2F" ] revision}"
  );
  fetchFromGitea = fromHost "fetchFromGitea" (
    { owner, repo, revision, domain, ... }: "https://${domain}/${owner}/${repo}/archive/${revision}.tar.gz"
  );
  fetchFromForgejo = final.fetchFromGitea;
  fetchFromCodeberg = args: final.fetchFromGitea ({ domain = "codeberg.org"; } // args);

  # Their hash is that of a patch in the form that patchutils give it, of one version or another.
  fetchpatch = { url ? "", ... }: throw "fetchpatch cannot tell whether it has the patch that its hash is of: `${url}` (hint: keep the patch beside the file that names it)";
  fetchpatch2 = final.fetchpatch;

  # A revision by the hash of its tree; without one, git's own name of the revision pins it.
  fetchgit =
    {
      url,
      rev,
      name ? "source",
      fetchSubmodules ? false,
      ...
    }:
    builtins.fetchGit {
      inherit url rev name;
      submodules = fetchSubmodules;
      allRefs = true;
    };
}
