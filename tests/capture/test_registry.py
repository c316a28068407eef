from otel_ai_feedback.capture.linking.registry import Registry


class Clock:
    now = 0

    def __call__(self):
        return self.now


def test_forgets_the_least_recently_used():
    registry = Registry(Clock(), max_entries=2)
    registry.put("a", 1)
    registry.put("b", 2)
    assert registry.get("a") == 1
    registry.put("c", 3)
    assert (registry.get("a"), registry.get("b"), registry.get("c")) == (1, None, 3)
    assert len(registry) == 2


def test_forgets_what_is_too_old_by_the_clock():
    clock = Clock()
    registry = Registry(clock, max_entries=9, lifetime_seconds=10)
    registry.put("a", 1)
    clock.now = 10_000_000_000
    assert registry.get("a") == 1
    clock.now += 1
    assert registry.get("a") is None
    assert len(registry) == 0


def test_putting_again_renews():
    clock = Clock()
    registry = Registry(clock, max_entries=9, lifetime_seconds=10)
    registry.put("a", 1)
    clock.now = 9_000_000_000
    registry.put("a", 2)
    clock.now = 18_000_000_000
    assert registry.get("a") == 2


def test_stays_bounded():
    registry = Registry(Clock(), max_entries=100)
    for number in range(10_000):
        registry.put(number, number)
    assert len(registry) == 100
