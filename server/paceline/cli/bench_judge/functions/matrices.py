"""Matrices and grids as lists of lists."""


def multiply(a: list[list[int]], b: list[list[int]]) -> list[list[int]]:
    """Return the product; what is missing in a ragged matrix counts as 0."""
    columns = max((len(row) for row in b), default=0)
    product = []
    for row in a:
        out = [0] * columns
        for k, value in enumerate(row):
            if k >= len(b):
                break
            for j, other in enumerate(b[k]):
                out[j] += value * other
        product.append(out)
    return product


def rotate(grid):
    if not grid:
        return []
    height = len(grid)
    width = min(len(row) for row in grid)
    turned = []
    for x in range(width):
        turned.append([grid[height - 1 - y][x] for y in range(height)])
    return turned


def next_generation(cells: list[list[bool]]) -> list[list[bool]]:
    """Return the next state of Conway's game of life on a board with dead borders."""
    following = []
    for y, row in enumerate(cells):
        new_row = []
        for x, alive in enumerate(row):
            neighbours = 0
            for dy in (-1, 0, 1):
                for dx in (-1, 0, 1):
                    if (dy or dx) and 0 <= y + dy < len(cells) and 0 <= x + dx < len(cells[y + dy]):
                        neighbours += bool(cells[y + dy][x + dx])
            new_row.append(neighbours == 3 or (bool(alive) and neighbours == 2))
        following.append(new_row)
    return following


def spiral(grid: list[list[int]]) -> list[int]:
    """Read a rectangle in a spiral, from the top left corner inwards."""
    rows = [list(row) for row in grid if row]
    if not rows:
        return []
    width = min(len(row) for row in rows)
    top, left, bottom, right = 0, 0, len(rows) - 1, width - 1
    out = []
    while top <= bottom and left <= right:
        out += [rows[top][x] for x in range(left, right + 1)]
        out += [rows[y][right] for y in range(top + 1, bottom + 1)]
        if top < bottom and left < right:
            out += [rows[bottom][x] for x in range(right - 1, left - 1, -1)]
            out += [rows[y][left] for y in range(bottom - 1, top, -1)]
        top, left, bottom, right = top + 1, left + 1, bottom - 1, right - 1
    return out


def prefix_sums(grid: list[list[int]]) -> list[list[int]]:
    """Return, for every corner, the sum of all that lies above and to the left of it."""
    sums: list[list[int]] = []
    for y, row in enumerate(grid):
        running = 0
        line = []
        for x, value in enumerate(row):
            running += value
            above = sums[y - 1][x] if y > 0 and x < len(sums[y - 1]) else 0
            line.append(running + above)
        sums.append(line)
    return sums
