"""Views to prepare, for tests of how long that takes."""


class TenViews:
    """Ten views to prepare, of which some have been, at two seconds each."""

    def __init__(self, num_computed=0):
        self.num_computed = num_computed

    @property
    def seconds(self):
        return 2.0 * self.num_computed

    def num_missing(self, views):
        return 10 - self.num_computed
