"""pytest-cov's options, of no effect: what a package's configuration states for coverage then is no error."""


def pytest_addoption(parser):
    group = parser.getgroup("cov", "coverage, not measured")
    group.addoption("--cov", action="append", nargs="?", const=True, metavar="SOURCE")
    group.addoption("--cov-report", action="append", metavar="TYPE")
    group.addoption("--cov-config", metavar="PATH")
    group.addoption("--cov-context", metavar="CONTEXT")
    group.addoption("--cov-fail-under", metavar="MIN")
    group.addoption("--cov-precision", metavar="DIGITS")
    for flag in "--cov-append", "--cov-branch", "--no-cov", "--no-cov-on-fail", "--cov-reset":
        group.addoption(flag, action="store_true")


def pytest_configure(config):
    config.addinivalue_line("markers", "no_cover: not measured, like all else")
