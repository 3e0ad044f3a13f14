"""Draws a synthetic frontal chest radiograph, for demonstrations that need no patient.

    python tools/phantom/phantom.py tools/phantom/phantom.png [--seed 7] [--size 1024]

Needs the Python standard library only, and takes half a minute; the same seed gives the same
picture. Every tissue adds or takes away attenuation along the ray, as in a film: solids by the
length of the ray inside them, bones as tubes with a dense wall. Coordinates are u (right) and v
(down), -1 to 1 over the picture; as on any frontal film the patient's left is on the right. No
number here was measured on a person.
"""

import argparse
import math
import random
import struct
import zlib

FONT = {
    "A": "01110 10001 10001 11111 10001 10001 10001", "C": "01111 10000 10000 10000 10000 10000 01111",
    "E": "11111 10000 10000 11110 10000 10000 11111", "H": "10001 10001 10001 11111 10001 10001 10001",
    "I": "11111 00100 00100 00100 00100 00100 11111", "L": "10000 10000 10000 10000 10000 10000 11111",
    "N": "10001 11001 10101 10101 10011 10001 10001", "O": "01110 10001 10001 10001 10001 10001 01110",
    "P": "11110 10001 10001 11110 10000 10000 10000", "S": "01111 10000 10000 01110 00001 00001 11110",
    "T": "11111 00100 00100 00100 00100 00100 00100", "Y": "10001 10001 01010 00100 00100 00100 00100",
}


def smooth(edge0, edge1, x):
    t = min(1.0, max(0.0, (x - edge0) / (edge1 - edge0)))
    return t * t * (3 - 2 * t)


def along(points, v):
    """A smooth curve through [(v, value), …], constant beyond the ends."""
    if v <= points[0][0]:
        return points[0][1]
    for i in range(len(points) - 1):
        (v0, a), (v1, b) = points[i], points[i + 1]
        if v > v1:
            continue
        (vp, before), (vn, after) = points[max(0, i - 1)], points[min(len(points) - 1, i + 2)]
        h = v1 - v0
        m0, m1 = (b - before) / (v1 - vp) * h, (after - a) / (vn - v0) * h
        t = (v - v0) / h
        return (a * (2 * t ** 3 - 3 * t * t + 1) + m0 * (t ** 3 - 2 * t * t + t)
                + b * (3 * t * t - 2 * t ** 3) + m1 * (t ** 3 - t * t))
    return points[-1][1]


def dome(u, v, cu, cv, au, av, turn=0.0, power=2.0):
    """The share of a solid's largest thickness that a ray at (u, v) crosses."""
    du, dv = u - cu, v - cv
    if turn:
        c, s = math.cos(turn), math.sin(turn)
        du, dv = c * du + s * dv, c * dv - s * du
    r = abs(du / au) ** power + abs(dv / av) ** power
    return math.sqrt(1 - r) if r < 1 else 0.0


SKIN = [(-1.0, 0.235), (-0.90, 0.24), (-0.82, 0.30), (-0.74, 0.50), (-0.66, 0.80), (-0.58, 0.98),
        (-0.45, 1.08), (-0.25, 1.05), (0.0, 0.955), (0.35, 0.91), (1.0, 0.94)]

# The borders of the shadow between the lungs: great vessels above, the heart below.
PATIENT_RIGHT = [(-1.0, 0.17), (-0.74, 0.15), (-0.60, 0.112), (-0.40, 0.108),
                 (-0.22, 0.112), (-0.08, 0.125), (0.08, 0.165), (0.24, 0.195), (0.38, 0.185), (0.50, 0.15), (0.7, 0.12)]
PATIENT_LEFT = [(-1.0, 0.17), (-0.74, 0.145), (-0.58, 0.108), (-0.46, 0.118),
                (-0.375, 0.158), (-0.30, 0.150), (-0.24, 0.122), (-0.17, 0.138), (-0.10, 0.152), (-0.03, 0.175), (0.10, 0.27),
                (0.22, 0.365), (0.34, 0.425), (0.44, 0.435), (0.52, 0.41), (0.62, 0.36), (0.75, 0.3)]


def lung_center(v):
    return 0.375 + 0.07 * v


def lung_edge(v):
    """How far out the lung reaches; the ribs run here."""
    r = 1 - abs((v - 0.12) / 0.87) ** 2.7
    return lung_center(v) + 0.37 * max(0.0, r) ** (1 / 2.7)


def diaphragm(u):
    """The v below which there is abdomen; the patient's right dome stands higher."""
    center, top = (-0.40, 0.47) if u < 0 else (0.43, 0.53)
    x = u - center
    outward = x if center > 0 else -x
    return top + (1.7 * min(outward, 0.36) ** 2 if outward > 0 else 0.55 * x * x)


def soft_tissue(u, v):
    """Everything but bones and vessels at one place."""
    w = along(SKIN, v)
    share = abs(u) / w
    if share >= 1:
        return 0.0
    body = (1 - share ** 5) ** 0.5
    a = 0.80 * body * (1 + 0.10 * smooth(0.2, 0.9, v))
    a *= 0.62 + 0.38 * smooth(-0.95, -0.55, v)

    side = -1 if u < 0 else 1
    border = along(PATIENT_LEFT if side > 0 else PATIENT_RIGHT, v)
    center = smooth(border + 0.012, border - 0.012, abs(u))
    lung = dome(abs(u), v, lung_center(v), 0.12, 0.37, 0.87, power=2.7) ** 0.9
    below = smooth(-0.012, 0.012, v - diaphragm(u))
    # Some lung lies behind the heart, and behind the dome of the diaphragm.
    a -= 0.70 * lung * (1 - below) * (1 - 0.80 * center)
    a -= 0.10 * lung * below * (1 - smooth(0.0, 0.22, v - diaphragm(u)))
    a += 0.09 * below * body * smooth(0.88, 0.62, abs(u))

    # Solid matter between the lungs, thickest in the middle.
    depth = max(0.0, 1 - (u / border) ** 2) ** 0.4
    a += along([(-1.0, 0.02), (-0.6, 0.06), (-0.3, 0.13), (0.0, 0.14), (0.3, 0.19), (0.6, 0.16)], v) \
        * depth * (1 - 0.6 * below)
    a += 0.05 * math.exp(-(((u - 0.105) / 0.035) ** 4)) * smooth(-0.35, -0.2, v)

    # Air: windpipe, main bronchi, stomach bubble.
    tube = math.exp(-(((u + 0.012) / 0.036) ** 4))
    a -= 0.19 * tube * (1 - smooth(-0.30, -0.20, v))
    for s, drop in ((-1, 0.95), (1, 0.62)):
        x = s * (u + 0.012)
        if 0 < x < 0.2:
            middle = -0.235 + drop * x
            a -= 0.09 * math.exp(-(((v - middle) / 0.026) ** 4)) * (1 - smooth(0.06, 0.17, x))
    bubble = dome(u, v, 0.40, 0.645, 0.13, 0.05)
    a -= 0.20 * bubble
    # Hila.
    hv = -0.03 if side < 0 else -0.08
    a += 0.12 * math.exp(-(((abs(u) - 0.16) / 0.07) ** 2) - ((v - hv) / 0.13) ** 2)
    # Folds of the axilla and the muscle of the chest wall.
    a += 0.05 * smooth(0.0, 0.25, abs(u) - 0.55 - 0.5 * (v + 0.55)) * smooth(-0.62, -0.4, v) * body
    return max(0.0, a)


def spine(u, v):
    """Vertebral bodies with their discs, pedicles and spinous processes."""
    period = along([(-1.0, 0.098), (1.0, 0.14)], v)
    phase = ((v + 1) / period) % 1.0
    half = along([(-1.0, 0.062), (1.0, 0.088)], v)
    waist = half * (1 - 0.10 * math.sin(math.pi * phase))
    column = smooth(waist + 0.008, waist - 0.008, abs(u))
    body = smooth(0.0, 0.07, phase) * smooth(1.0, 0.90, phase)
    ends = math.exp(-((phase - 0.07) / 0.04) ** 2) + math.exp(-((phase - 0.90) / 0.04) ** 2)
    pedicles = math.exp(-((abs(u) - 0.62 * half) / 0.011) ** 2 - ((phase - 0.35) / 0.13) ** 2)
    process = math.exp(-(u / 0.011) ** 2 - ((phase - 0.75) / 0.16) ** 2)
    return column * (0.050 + 0.045 * body + 0.020 * ends + 0.035 * pedicles + 0.035 * process)


class Layer:
    """Attenuation of tubes: of one tube the nearest point counts, of several the sum."""

    def __init__(self, size):
        self.size = size
        self.values = [0.0] * (size * size)

    def tube(self, points, strength, wall=0.0):
        """points: [(u, v, radius, weight)], closer together than half a radius."""
        nearest = {}
        half = self.size / 2
        for u, v, radius, weight in points:
            x, y, r = (u + 1) * half - 0.5, (v + 1) * half - 0.5, radius * half
            for row in range(max(0, math.ceil(y - r)), min(self.size, math.floor(y + r) + 1)):
                reach = math.sqrt(max(0.0, r * r - (row - y) ** 2))
                for column in range(max(0, math.ceil(x - reach)),
                                    min(self.size, math.floor(x + reach) + 1)):
                    d = ((row - y) ** 2 + (column - x) ** 2) / (r * r)
                    key = row * self.size + column
                    if key not in nearest or d < nearest[key][0]:
                        nearest[key] = (d, weight)
        for key, (d, weight) in nearest.items():
            a = math.sqrt(max(0.0, 1 - d))
            if wall:
                a -= wall * math.sqrt(max(0.0, 1 - d / 0.72))
            self.values[key] += strength * weight * a

    def softened(self, radius):
        """A box mean in both directions, twice: what a focal spot does to an edge."""
        values = self.values
        for _ in range(2):
            for transposed in (False, True):
                values = self._mean(values, radius, transposed)
        return values

    def _mean(self, values, radius, transposed):
        n = self.size
        out = [0.0] * (n * n)
        step, jump = (n, 1) if transposed else (1, n)
        for line in range(n):
            base = line * jump
            total = sum(values[base + k * step] for k in range(min(radius, n)))
            for k in range(n):
                if k + radius < n:
                    total += values[base + (k + radius) * step]
                if k - radius - 1 >= 0:
                    total -= values[base + (k - radius - 1) * step]
                out[base + k * step] = total / (2 * radius + 1)
        return out


def rib(number, side, rng):
    """One rib as a tilted loop seen from the front: from the spine out, then down and in."""
    start = -0.765 + 0.128 * number + 0.002 * number * number
    tilt = 0.34 + 0.036 * number + rng.uniform(-0.01, 0.01)
    start += rng.uniform(-0.006, 0.006)
    reach = lung_edge(min(0.62, start + 0.42 * tilt)) + 0.012
    end = math.radians(along([(1, 150), (5, 138), (7, 122), (10, 96)], number))
    points = []
    steps = 420
    for i in range(steps + 1):
        angle = end * i / steps
        u = 0.075 + (reach - 0.075) * math.sin(angle) ** 0.92
        v = start + tilt * (1 - math.cos(angle)) / 2
        v -= 0.035 * math.sin(2 * angle) * (angle < math.pi / 2)
        front = smooth(1.35, 1.9, angle)
        radius = 0.0275 + 0.006 * front
        weight = (1 - 0.42 * front) * (1 - smooth(0.93, 1.0, i / steps))
        weight *= 0.55 + 0.45 * smooth(0, 0.25, angle)
        points.append((side * u, v, radius, weight))
    return points


def clavicle(side, rng):
    lift = rng.uniform(-0.012, 0.012)
    points = []
    for i in range(301):
        t = i / 300
        u = 0.085 + 0.70 * t
        v = -0.505 + lift - 0.17 * t + 0.035 * math.sin(2 * math.pi * t)
        radius = 0.026 + 0.010 * (1 - smooth(0.0, 0.15, t)) + 0.004 * smooth(0.8, 1, t)
        points.append((side * u, v, radius, 1.0))
    return points


def scapula(side):
    """The inner border and the spine of the shoulder blade, turned outward by raised elbows."""
    border, ridge = [], []
    for i in range(201):
        t = i / 200
        bow = 0.70 + 0.13 * t + 0.03 * math.sin(math.pi * t)
        border.append((side * bow, -0.60 + 0.52 * t, 0.016, 1 - smooth(0.8, 1, t)))
        ridge.append((side * (0.66 + 0.30 * t), -0.50 - 0.10 * t, 0.022, smooth(0, 0.3, t)))
    return border, ridge


def vessels(layer, u, v, angle, radius, length, rng, depth=0):
    """A branching artery: each branch thinner, and turned a little away from its parent."""
    points = []
    steps = max(4, int(length / (radius * 0.4)))
    bend = rng.uniform(-0.5, 0.5)
    for i in range(steps + 1):
        t = i / steps
        r = radius * (1 - 0.25 * t)
        points.append((u, v, max(r, 0.0022), 1.0))
        u += math.cos(angle + bend * t) * length / steps
        v += math.sin(angle + bend * t) * length / steps
    layer.tube(points, 3.6 * radius)
    if depth < 5 and radius > 0.0028:
        for turn in (rng.uniform(0.15, 0.55), -rng.uniform(0.15, 0.55)):
            vessels(layer, u, v, angle + bend + turn, radius * rng.uniform(0.62, 0.78),
                    length * rng.uniform(0.68, 0.92), rng, depth + 1)


def text(pixels, size, words, center_u, v, scale, level):
    width = (6 * len(words) - 1) * scale
    left, top = int((center_u + 1) * size / 2 - width / 2), int((v + 1) * size / 2)
    for index, letter in enumerate(words):
        if letter == " ":
            continue
        for row, bits in enumerate(FONT[letter].split()):
            for column, bit in enumerate(bits):
                if bit == "1":
                    for y in range(top + row * scale, top + (row + 1) * scale):
                        x = left + (index * 6 + column) * scale
                        pixels[y * size + x:y * size + x + scale] = bytes([level]) * scale


def draw(size, seed):
    rng = random.Random(seed)
    bones, tree = Layer(size), Layer(size)
    for side in (-1, 1):
        for number in range(1, 11):
            bones.tube(rib(number, side, rng), 0.155, wall=0.62)
        bones.tube(clavicle(side, rng), 0.15, wall=0.55)
        border, ridge = scapula(side)
        bones.tube(border, 0.05, wall=0.3)
        bones.tube(ridge, 0.05, wall=0.3)
        head = [(side * 0.995, -0.46, 0.125, 1.0)]
        bones.tube(head, 0.10, wall=0.5)
        hv = -0.03 if side < 0 else -0.08
        for degrees in (-72, -48, -22, 2, 26, 48, 66, 84):
            a = math.radians(degrees + rng.uniform(-8, 8))
            from_u = side * (0.155 + rng.uniform(-0.02, 0.025))
            vessels(tree, from_u, hv + 0.0011 * degrees, a if side > 0 else math.pi - a,
                    rng.uniform(0.010, 0.0145), rng.uniform(0.13, 0.17), rng)
    softness = max(1, size // 700)
    bones, tree = bones.softened(softness), tree.softened(softness)

    pixels = bytearray(size * size)
    row_noise = [0.0] * size
    for y in range(size):
        v = (2 * y + 1) / size - 1
        carry = 0.0
        for x in range(size):
            u = (2 * x + 1) / size - 1
            i = y * size + x
            soft = soft_tissue(u, v)
            a = soft
            if soft > 0:
                a += spine(u, v)
            under = smooth(0.0, 0.05, v - diaphragm(u))
            inside = smooth(0.0, 0.12, soft)
            lung = dome(abs(u), v, lung_center(v), 0.12, 0.36, 0.86, power=2.7)
            a += bones[i] * inside * (1 - 0.45 * under)
            a += min(tree[i], 0.16) * min(1.0, 1.6 * lung) * (1 - under)
            # Grain of neighbouring pixels is alike, and finer than a grey level in the dark.
            carry = 0.55 * carry + rng.gauss(0, 1)
            row_noise[x] = 0.5 * row_noise[x] + 0.5 * carry
            level = 8 + 236 * (1 - math.exp(-1.55 * a)) / (1 - math.exp(-1.55 * 1.45))
            level += 0.55 * row_noise[x] * (0.4 + 0.6 * inside)
            pixels[i] = min(250, max(0, round(level)))
    text(pixels, size, "SYNTHETIC", -0.635, -0.95, max(1, size // 170), 240)
    text(pixels, size, "NOT A PATIENT", -0.635, -0.84, max(1, size // 300), 190)
    text(pixels, size, "L", 0.88, -0.93, max(1, size // 140), 240)
    return pixels


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(pixels, size):
    """8-bit grey; each row as its difference from the mean of left and above, which suits grain."""
    rows = bytearray()
    above = bytes(size)
    for y in range(size):
        row = pixels[y * size:(y + 1) * size]
        rows.append(3)
        left = 0
        for value, up in zip(row, above):
            rows.append((value - (left + up) // 2) & 255)
            left = value
        above = row
    header = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    words = b"Comment\0Synthetic chest radiograph, drawn by tools/phantom/phantom.py; no patient."
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"tEXt", words)
            + chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + chunk(b"IEND", b""))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--size", type=int, default=1024)
    options = parser.parse_args()
    with open(options.output, "wb") as out:
        out.write(png(draw(options.size, options.seed), options.size))


if __name__ == "__main__":
    main()
