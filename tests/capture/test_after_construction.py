from otel_ai_feedback.capture.install.patching import AfterConstruction


class Thing:
    def __init__(self, name, *, colour=None):
        self.name = name


def test_reports_new_instances_until_undone():
    before, seen = Thing.__init__, []
    patch = AfterConstruction(Thing, seen.append)
    one = Thing("one", colour="red")
    assert [thing.name for thing in seen] == ["one"]
    assert seen == [one]
    patch.undo()
    Thing("two")
    assert Thing.__init__ is before
    assert len(seen) == 1


def test_a_later_wrapper_is_left_in_place():
    before = Thing.__init__
    patch = AfterConstruction(Thing, lambda thing: None)
    ours = Thing.__init__

    def theirs(self, *args, **kwargs):
        ours(self, *args, **kwargs)

    Thing.__init__ = theirs
    patch.undo()
    assert Thing.__init__ is theirs
    Thing.__init__ = before
