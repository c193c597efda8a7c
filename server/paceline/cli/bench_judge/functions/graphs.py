"""Graphs: things that depend on things."""

import heapq
from collections import deque


def build_order(needs: dict[str, list[str]]) -> list[str]:
    """Return an order in which what is needed comes first. Raises ValueError for a circle."""
    order: list[str] = []
    state: dict[str, int] = {}

    def visit(name: str) -> None:
        if state.get(name) == 2:
            return
        if state.get(name) == 1:
            raise ValueError(f"{name} needs itself")
        state[name] = 1
        for other in needs.get(name, []):
            visit(other)
        state[name] = 2
        order.append(name)

    for name in sorted(needs):
        visit(name)
    return order


def distances(roads: dict[str, dict[str, int]], start: str) -> dict[str, int]:
    """Return the shortest way to every place that can be reached, roads of negative length left out."""
    found: dict[str, int] = {}
    waiting = [(0, start)]
    while waiting:
        distance, place = heapq.heappop(waiting)
        if place in found:
            continue
        found[place] = distance
        for other, length in roads.get(place, {}).items():
            if other not in found and length >= 0:
                heapq.heappush(waiting, (distance + length, other))
    return found


def groups(pairs: list[tuple[int, int]]) -> list[list[int]]:
    """Return what hangs together, each group sorted, the largest first."""
    parent: dict[int, int] = {}

    def root(item: int) -> int:
        parent.setdefault(item, item)
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for left, right in pairs:
        a, b = root(left), root(right)
        if a != b:
            parent[b] = a
    members: dict[int, list[int]] = {}
    for item in parent:
        members.setdefault(root(item), []).append(item)
    return sorted((sorted(group) for group in members.values()), key=lambda group: (-len(group), group))


def shortest_path(links, start, goal):
    previous = {start: None}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        if node == goal:
            path = []
            while node is not None:
                path.append(node)
                node = previous[node]
            return path[::-1]
        for neighbour in links.get(node, []):
            if neighbour not in previous:
                previous[neighbour] = node
                queue.append(neighbour)
    return None


def islands(grid: list[list[int]]) -> int:
    """Count the areas of land (anything but 0) that touch along an edge."""
    seen = set()
    count = 0
    for y, row in enumerate(grid):
        for x, cell in enumerate(row):
            if cell == 0 or (y, x) in seen:
                continue
            count += 1
            waiting = [(y, x)]
            while waiting:
                i, j = waiting.pop()
                if (i, j) in seen or not 0 <= i < len(grid) or not 0 <= j < len(grid[i]):
                    continue
                if grid[i][j] == 0:
                    continue
                seen.add((i, j))
                waiting += [(i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)]
    return count
