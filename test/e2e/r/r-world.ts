/** For the tests of R: a repository of their own packages on this machine, and projects that know of no other. */
import type { FixtureRPackage } from "../../../src/resolve/cran/testing/fixture-cran.ts";
import { FixtureCran } from "../../../src/resolve/cran/testing/fixture-cran.ts";
import { project, write } from "../world.ts";

export const packages: readonly FixtureRPackage[] = [
  {
    name: "purely",
    version: "1.2-3",
    fields: { Imports: "jsonlite" },
    files: {
      "R/purely.R": "purely <- function(x) jsonlite::toJSON(x)\n",
      "man/purely.Rd":
        "\\name{purely}\\alias{purely}\\title{As JSON}\\description{As JSON.}\\usage{purely(x)}\\arguments{\\item{x}{anything}}\n",
      "inst/data.txt": "kept\n",
    },
  },
  {
    name: "compiled",
    version: "0.4",
    fields: { NeedsCompilation: "yes" },
    namespace: "useDynLib(compiled, .registration = TRUE)\nexport(twice, where)\n",
    files: {
      "R/twice.R":
        "twice <- function(x) .Call('C_twice', as.double(x), PACKAGE = 'compiled')\nwhere <- function() .Call('C_where', PACKAGE = 'compiled')\n",
      "src/twice.c":
        "#include <R.h>\n#include <Rinternals.h>\nSEXP C_twice(SEXP x) { return ScalarReal(2 * REAL(x)[0]); }\nSEXP C_where(void) { return mkString(__FILE__); }\n",
    },
  },
  {
    name: "on.top",
    version: "2.0",
    fields: { Depends: "R (>= 4.0), purely (>= 1.2)", Imports: "compiled, methods" },
    files: { "R/top.R": "top <- function(x) paste(purely::purely(x), compiled::twice(x))\n" },
  },
];

export interface RProject {
  readonly cran: FixtureCran;
  readonly cwd: string;
  /** For each call: where the repository is, and that no other is set up. */
  readonly env: Readonly<Record<string, string>>;
}

export async function rProject(
  t: { after(end: () => void): void },
  files: Readonly<Record<string, string>>,
  published: readonly FixtureRPackage[] = packages,
): Promise<RProject> {
  const cran = new FixtureCran();
  cran.publish(published);
  const uri = await cran.serve(t);
  const cwd = project();
  write(cwd, { ...files, "site.R": `options(repos = c(CRAN = "${uri}"))\n`, "none.R": "" });
  const env = {
    R_PROFILE: `${cwd}/site.R`,
    R_PROFILE_USER: `${cwd}/none.R`,
    CRAN: "",
    R_REPOSITORIES: "NULL",
  };
  return { cran, cwd, env };
}
