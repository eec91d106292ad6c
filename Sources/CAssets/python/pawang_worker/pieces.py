"""The pieces of a generator's output: taken once, read as often as later calls like."""

from .values import encode, json_text

PIECE_LIMIT = 1_000_000
TEXT_LIMIT = 64 * 1024 * 1024


class Pieces:
    """An iterator that `next` moves on and every `for` loop starts anew."""

    def __init__(self, items):
        self._items = items
        self._place = 0

    @property
    def items(self):
        return list(self._items)

    def __iter__(self):
        return iter(self._items)

    def __next__(self):
        if self._place >= len(self._items):
            raise StopIteration
        self._place += 1
        return self._items[self._place - 1]

    async def _all(self):
        for item in self._items:
            yield item

    def __aiter__(self):
        return self._all()

    def __len__(self):
        return len(self._items)

    def __repr__(self):
        return "<generator of %d pieces>" % len(self._items)

    def texts(self):
        """Each piece as JSON text; one that is no JSON as its `str`."""
        total = 0
        for item in self._items:
            try:
                text = json_text(item)
            except (TypeError, ValueError, RecursionError):
                text = encode(str(item))
            total += len(text)
            if total > TEXT_LIMIT:
                raise ValueError("the pieces of the generator are larger than %d bytes" % TEXT_LIMIT)
            yield text


def collected(iterator):
    items = []
    for item in iterator:
        _add(items, item)
    return Pieces(items)


async def collected_async(iterator):
    items = []
    async for item in iterator:
        _add(items, item)
    return Pieces(items)


def _add(items, item):
    if len(items) >= PIECE_LIMIT:
        raise ValueError("the generator gives more than %d pieces" % PIECE_LIMIT)
    items.append(item)
