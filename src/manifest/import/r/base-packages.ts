/** Packages that come with R itself: its base, and those that it recommends and every distribution installs with it. */
export const BASE_PACKAGES: ReadonlySet<string> = new Set(
  "R base compiler datasets graphics grDevices grid methods parallel splines stats stats4 tcltk tools utils".split(
    " ",
  ),
);
