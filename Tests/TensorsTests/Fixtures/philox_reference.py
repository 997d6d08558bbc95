"""Prints the random words that RandomGeneratorTests expects, written from the papers without looking at the Swift."""

MASK32, MASK64 = 2**32 - 1, 2**64 - 1


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [b >> 32 ^ c[1] ^ k[0], b & MASK32, a >> 32 ^ c[3] ^ k[1], a & MASK32]
        k = [(k[0] + 0x9E3779B9) & MASK32, (k[1] + 0xBB67AE85) & MASK32]
    return c


def child(parent, name):
    h = 0xCBF29CE484222325 ^ parent
    for byte in name.encode():
        h = (h ^ byte) * 0x100000001B3 & MASK64
    h = (h + 0x9E3779B97F4A7C15) & MASK64
    h = (h ^ h >> 30) * 0xBF58476D1CE4E5B9 & MASK64
    h = (h ^ h >> 27) * 0x94D049BB133111EB & MASK64
    return h ^ h >> 31


def words(key):
    block = 0
    while True:
        w = philox([block & MASK32, block >> 32, 0, 0], [key & MASK32, key >> 32])
        yield w[1] << 32 | w[0]
        yield w[3] << 32 | w[2]
        block += 1


def below(bound, stream):
    while True:
        product = next(stream) * bound
        if product & MASK64 >= 2**64 % bound:
            return product >> 64


def permutation(count, stream):
    order = list(range(count))
    for last in range(count - 1, 0, -1):
        chosen = below(last + 1, stream)
        order[chosen], order[last] = order[last], order[chosen]
    return order


for name in ("", "conv1/kernel"):
    key = child(1, name) if name else 1
    stream = words(key)
    print(repr(name), hex(key), [hex(next(stream)) for _ in range(5)])
print(permutation(10, words(7)))
