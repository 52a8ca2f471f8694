/**
 * Whether building a project makes what its folder does not have: extension modules. An editable project is imported
 * from its folder, which suffices for one of Python alone; another one is built besides.
 *
 * No metadata tell. What does: the backend, where compiling is what it is for; what the build requires; setup.py, where
 * setuptools has its extensions; setuptools' table of them.
 */

export interface BuildStatement {
  /** As of PEP 508. */
  readonly requires: readonly string[];
  readonly backend: string;
  /** The text of setup.py, empty where there is none. */
  readonly setup: string;
  /** Names below `[tool.setuptools]`. */
  readonly tables: readonly string[];
}

const COMPILING_BACKENDS =
  /^(?:mesonpy|scikit_build_core|maturin|sipbuild|py_build_cmake|skbuild|enscons)(?:[.:]|$)/;

const COMPILING_REQUIREMENTS =
  /^(?:cython|pybind11|nanobind|cffi|setuptools[-_]rust|scikit[-_]build(?:[-_]core)?|meson[-_]python|mypy|swig|hatch[-_](?:cython|mypyc)|pythran|cppyy)(?![A-Za-z0-9._-])/i;

const COMPILING_SETUP =
  /\b(?:ext_modules|ext_package|Extension|cythonize|mypycify|Pybind11Extension|cffi_modules|rust_extensions|RustExtension|CMakeExtension|build_ext)\b/;

export function hasCompiledParts({ requires, backend, setup, tables }: BuildStatement): boolean {
  return (
    COMPILING_BACKENDS.test(backend) ||
    requires.some((one) => COMPILING_REQUIREMENTS.test(one.trim())) ||
    COMPILING_SETUP.test(setup) ||
    tables.includes("ext-modules")
  );
}
