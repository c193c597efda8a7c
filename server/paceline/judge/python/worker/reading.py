"""Reading places: the shapes they most likely hold, the likeliest first.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import inspect
import io
import typing
from typing import Dict, Iterable, Iterator, List, Optional, Sequence, Set, Tuple, Union

if typing.TYPE_CHECKING or __package__:
    from . import hints, protocols, shapes, signatures, standard
    from .places import Place, is_mapping
    from .shapes import Shape
else:
    import hints
    import protocols
    import shapes
    import signatures
    import standard
    from places import Place, is_mapping
    from shapes import Shape


class Reader:
    """Turns settled places into ranked shapes.

    ``scope`` has the module's globals, ``words`` are the texts the function names.
    """

    def __init__(self, scope: hints.Scope, words: Iterable[str]) -> None:
        self._scope = scope
        self._names = scope.names
        self._words = tuple(word for word in sorted(words) if word.isidentifier())[:6]
        self._inside: List[Place] = []
        self._decided: Dict[int, List[Shape]] = {}
        """What was read for a place of single values: the same wherever the place is met again."""
        self._classes: Optional[List[Tuple[type, Set[str]]]] = None
        """The workspace's classes and what their instances answer to, once somebody asked."""

    def candidates(self, name: str, place: Place) -> List[Shape]:
        """Return at most ten shapes for a parameter, the likeliest first."""
        found = list(self._read(place.root(), name))
        if place.root().votes["none"] and found:
            # Asked whether it is None: sometimes it is.
            found.insert(1, shapes.OneOf((found[0], shapes.Nothing())))
        unique: List[Shape] = []
        for shape in found:
            if shape not in unique:
                unique.append(shape)
        return unique[:10]

    def _best(self, place: Optional[Place], name: str = "") -> Shape:
        """Return the likeliest shape of a place inside another."""
        if place is None:
            return shapes.Unknown()
        return next(iter(self._read(place.root(), name)), shapes.Unknown())

    def _read(self, place: Place, name: str = "") -> List[Shape]:
        if any(place is other for other in self._inside):
            return self._again(place)
        if len(self._inside) > 6:
            return [shapes.Unknown()]
        self._inside.append(place)
        try:
            return self._read_once(place, name)
        finally:
            self._inside.pop()

    def _again(self, place: Place) -> List[Shape]:
        if place.attrs:
            return [shapes.Self("")]
        return [shapes.Unknown()]

    def _read_once(self, place: Place, name: str) -> List[Shape]:
        votes = place.votes
        attrs = {
            n: p for n, p in place.attrs.items() if not p.root().votes["method"] and not n.startswith("__")
        }
        if attrs or place.attrs:
            objects = self._objects(place, attrs)
            # The classes that the body itself asks for say more than those that happen to have its methods.
            asked = self._instances(place) if place.instances and not attrs else None
            if asked is not None:
                return [asked, *objects]
            if objects or attrs:
                return [*objects, *_by_name(name)]
        if place.instances:
            mixed = self._instances(place)
            if mixed is not None:
                return [mixed]
        if votes["callable"]:
            return [hints.callables(max(place.calls, default=1))]
        if votes["bytes"] and not votes["str"]:
            return [shapes.Bytes(), shapes.Bytes(True), *self._sequences(place, name)[:2]]
        text = votes["str"] + 2 * len(place.parts) + votes["json"]
        if text and not votes["list"] and not votes["mapping"]:
            return self._texts(place, name)
        if is_mapping(place):
            return self._mappings(place)
        if votes["set"] > votes["list"] + votes["indexed"]:
            return [self._many("set", place), self._many("list", place)]
        if place.arity and not votes["list"]:
            return [*self._fixed(place), self._many("list", place)]
        if (
            place.at
            and place.element is None
            and place.item is None
            and not votes["list"]
            and len(place.at) > 1
        ):
            return [*self._fixed(place), self._many("list", place)]
        sequence = votes["list"] + votes["sequence"] + votes["indexed"] + votes["deque"] + votes["iterable"]
        sequence += (
            votes["sized"] + votes["container"] + votes["assigned"] + votes["sorted"] + votes["iterator"]
        )
        if votes["bitwise"] and sequence and not votes["int"] and not votes["size"]:
            return [self._many("set", place), self._many("frozenset", place)]
        if sequence:
            found = self._sequences(place, name)
            return [*self._texts(place, name)[:2], *found] if _is_likely_text(place) else found
        if id(place) not in self._decided:
            self._decided[id(place)] = self._scalars(place, name)
        return self._decided[id(place)]

    def _scalars(self, place: Place, name: str) -> List[Shape]:
        votes = place.votes
        for part, high in (("year", 0), ("month", 12), ("day", 28)):
            if votes[part]:
                return [shapes.Int(1, high) if high else shapes.Int(1990, 2030)]
        if votes["moment"]:
            return [shapes.Standard("date"), shapes.Standard("datetime"), shapes.Int()]
        if votes["written moment"] and place.forms:
            form = next(iter(place.forms))
            return [
                shapes.Standard(
                    "date" if form == "date" else "datetime",
                    form="iso" if form in ("date", "datetime") else form,
                )
            ]
        notable = tuple(n for n in place.literals if type(n) is int and abs(n) < 10**6)[:8]
        words = tuple(w for w in (*place.must, *place.literals) if isinstance(w, str))
        whole: Shape = shapes.Int(None, None, "value", notable)
        if votes["size"]:
            return [shapes.Int(0, None, "size", notable), shapes.Int(1, None, "size", notable)]
        if votes["numeral"] and not votes["number"] and not votes["int"]:
            kind = "integer" if votes["numeral int"] else "number"
            return [shapes.Str(kind), whole, shapes.Float()]
        if votes["int"] or votes["length"]:
            positive: Shape = shapes.Int(1, None, "value", notable)
            natural: Shape = shapes.Int(0, None, "value", notable)
            if votes["nonzero"]:
                return [positive, natural, whole]
            return [natural, whole, positive] if votes["length"] else [whole, natural, positive]
        if words:
            exact = shapes.Str("word", words=words[:24], exact=True)
            relied_upon = votes["looked up"] and not votes["tested"]
            return [exact] if relied_upon else [shapes.Str("word", 1, None, words[:24]), exact]
        if votes["bool"]:
            return [shapes.Bool()]
        if votes["float"] or (votes["number"] and any(type(n) is float for n in place.literals)):
            return [shapes.Float(), shapes.Float(0.0), shapes.Int(0, None)]
        if votes["number"]:
            start = [shapes.Int(1, None, "value", notable)] if votes["nonzero"] else []
            return [*start, whole, shapes.Int(0, None, "value", notable), shapes.Float(), shapes.Float(0.0)]
        known = next((found for found in map(_by_name, place.names) if found), [])
        rest: List[Shape] = [whole, shapes.Str("word"), shapes.Float(), shapes.Many("list", shapes.Int())]
        if votes["hashed"] or votes["ordered"]:
            return [*(k for k in known if not shapes.is_container(k) or isinstance(k, shapes.Str)), *rest[:3]]
        rest += [shapes.Many("list", shapes.Str("word")), shapes.Mapping("dict", shapes.Str(), shapes.Int())]
        return [*known, *rest, shapes.Matrix(shapes.Int()), shapes.Bytes(), shapes.Bool()]

    def _texts(self, place: Place, name: str) -> List[Shape]:
        votes = place.votes
        if votes["json"]:
            return [shapes.Str("json")]
        if votes["written moment"] or votes["month"]:
            return self._scalars(place, name)
        if votes["numeral hex"]:
            length = max(place.lengths, default=0)
            return [shapes.Str("hex", length or 1, length or None), shapes.Str("hex", 1)]
        joined = self._structured(place)
        if joined is not None:
            return [joined, shapes.Str("text")]
        char = place.element.root() if place.element is not None else None
        must = [c for c in (char.must if char is not None else ()) if isinstance(c, str)]
        if char is not None and (char.votes["tested"] or not char.votes["looked up"]):
            # Only asked about, not relied upon.
            char.literals.update(char.must)
            must = []
        own = tuple(w for w in (*place.must, *place.literals) if isinstance(w, str) and w)[:24]
        if must and all(len(c) == 1 for c in must):
            letters = "".join(dict.fromkeys(must))
            if set(letters) == set("IVXLCDM"):
                return [shapes.Str("roman", 1), shapes.Str("word", alphabet=letters)]
            return [shapes.Str("word", alphabet=letters), shapes.Str("word")]
        if votes["char"]:
            return [shapes.Str("char"), shapes.Str("letters")]
        if place.must and place.votes["looked up"] and not place.votes["tested"]:
            return [shapes.Str("word", words=own, exact=True)]
        if place.patterns:
            return [
                shapes.Str("text", words=own, patterns=tuple(place.patterns)[:6]),
                shapes.Str("text", words=own),
            ]
        soft = "".join(
            c for c in (char.literals if char is not None else ()) if isinstance(c, str) and len(c) == 1
        )
        if votes["numeral"]:
            return [shapes.Str("integer" if votes["numeral int"] else "number"), shapes.Str("digits", 1)]
        found: List[Shape] = []
        if soft and set(soft) <= set("()[]{}"):
            found.append(shapes.Str("brackets"))
        if soft and set(soft) & set("+-*/"):
            found.append(shapes.Str("expression"))
        if soft:
            # The characters the function knows, and some it does not.
            found.append(shapes.Str("word", alphabet=(soft * 3 + "abcXYZ019 ")[:60]))
        if own and not char and votes["ordered"] == 0 and len(own) > 1:
            found.append(shapes.Str("word", words=own, exact=True))
        if name in _SHORT_TEXT:
            found.append(shapes.Str("word", 1, 3, own))
        digits = char is not None and bool(char.votes["numeral"] or char.votes["int"])
        if digits:
            found.append(shapes.Str("digits"))
        kinds = ["text", "letters", "word"]
        if char is None and (votes["tested"] or votes["hashed"] or votes["looked up"]):
            # What is looked for among others is a name.
            kinds = ["word", "text", "letters"]
        elif place.names.keys() & {"word", "s", "string", "a", "b", "s1", "s2"}:
            kinds = ["letters", "text", "word"]
        found += [shapes.Str(kind, 1 if kind == "word" else 0, words=own) for kind in kinds]
        return [*found, shapes.Str("digits", 1)]

    def _structured(self, place: Place) -> Optional[Shape]:
        """Return the shape of text that the function takes apart."""
        for separator, parts in place.parts.items():
            parts = parts.root()
            element = parts.element
            inner: Union[shapes.Str, shapes.Joined] = shapes.Str("word", 1)
            if element is not None:
                read = self._read(element.root())[0]
                if isinstance(read, (shapes.Joined, shapes.Str)):
                    inner = read
                elif element.root().votes["numeral"]:
                    inner = shapes.Str("integer")
                if isinstance(inner, shapes.Str) and inner.kind == "text":
                    inner = shapes.Str("letters", 1, None, inner.words)
            counts = sorted(parts.arity)
            if not counts and parts.at and min(parts.at) >= 0:
                # Some positions are read; there may be more.
                counts = [max(parts.at) + 1, max(parts.at) + 4]
            if counts:
                known = counts[-1] if parts.arity else counts[0]
                columns = [self._column(parts.at.get(at), element) for at in range(known)]
                texts = tuple(c if isinstance(c, _TEXTS) else shapes.Str("word", 1) for c in columns)
                return shapes.Joined(separator, _either(texts), counts[0], counts[-1], texts)
            told = (
                isinstance(inner, shapes.Joined) or inner.kind in {"integer", "number"} or bool(inner.words)
            )
            if separator.strip(" ") == "" and not told:
                # Words: prose has them, with what stands between and around words in real texts.
                return None
            words = self._words_of(place, parts, element)
            return shapes.Joined(separator, inner, words=words)
        return None

    def _column(self, place: Optional[Place], element: Optional[Place]) -> Shape:
        """Return the shape of one part of a text: read alone where it is used alone."""
        if place is not None and any(place.root().votes[part] for part in ("year", "month", "day")):
            return self._scalars(place.root(), "")[0]
        return self._best(place or element)

    def _words_of(self, *places: Optional[Place]) -> Tuple[str, ...]:
        """Return the texts the function compares these places with."""
        found = [w for p in places if p is not None for w in (*p.root().literals, *p.root().must)]
        return tuple(dict.fromkeys(w for w in found if isinstance(w, str) and w))[:12]

    def _sequences(self, place: Place, name: str) -> List[Shape]:
        element = place.element.root() if place.element is not None else None
        if element is None and place.at:
            element = next(iter(place.at.values())).root()
        container = "deque" if place.votes["deque"] > place.votes["sliced"] else "list"
        container = "iterator" if place.votes["iterator"] else container
        inner = self._read(element) if element is not None else []
        low = 1 if place.votes["nonempty"] or -1 in place.at or 0 in place.at else 0
        order = "sorted" if place.votes["sorted"] else ""
        known = [shape for shape in _by_name(name) if shapes.is_container(shape)]
        if element is None or not (
            element.votes or element.at or element.arity or element.element or element.attrs
        ):
            named = [k for k in known if isinstance(k, (shapes.Many, shapes.Matrix, shapes.Graph))]
            weak = [shapes.Int(), shapes.Str("word", 1), shapes.Float(), shapes.Many("list", shapes.Int())]
            return [
                *named,
                *(shapes.Many(container, shape, low, None, order) for shape in weak),
                shapes.Str("text"),
            ]
        found: List[Shape] = []
        for shape in inner[:4]:
            if isinstance(shape, shapes.Many) and shape.container == "list" and not shape.order:
                if _is_grid(place, element):
                    found.append(shapes.Matrix(shape.element))
                found.append(shapes.Many(container, shape, low))
                if not _is_grid(place, element):
                    found.append(shapes.Matrix(shape.element))
            else:
                found.append(shapes.Many(container, shape, low, None, order))
        if not place.votes["assigned"] and not place.votes["list"] and _may_be_text(element):
            at = 1 if not (element.votes["hashed"] or element.votes["ordered"]) else len(found)
            found.insert(at, shapes.Str("text"))
        if low:
            found += [shapes.Many(container, inner[0], 0, None, order)]
        if place.votes["sorted"] == 0 and any(isinstance(s, shapes.Many) for s in found):
            found.append(shapes.Many(container, inner[0], low, None, "sorted"))
        return found

    def _many(self, container: str, place: Place) -> Shape:
        return shapes.Many(container, self._best(place.element))

    def _fixed(self, place: Place) -> List[Shape]:
        count = max([*place.arity, *(at + 1 for at in place.at)], default=2)
        columns = tuple(self._best(place.at.get(at) or place.element) for at in range(count))
        numbers = all(isinstance(c, (shapes.Int, shapes.Float, shapes.Unknown)) for c in columns)
        plain = shapes.Fixed(columns)
        if numbers and count == 2 and any(p.root().votes["ordered"] for p in place.at.values()):
            # A pair of comparable numbers is most often an interval.
            return [shapes.Fixed(columns, ordered=True), plain]
        return [plain, shapes.Fixed(columns, "list")]

    def _mappings(self, place: Place) -> List[Shape]:
        if place.fields:
            fields = tuple((name, self._best(p, name)) for name, p in place.fields.items())
            optional = tuple(n for n, p in place.fields.items() if p.root().votes["optional"])
            return (
                [shapes.Record(fields), shapes.Record(fields, optional)]
                if optional
                else [shapes.Record(fields)]
            )
        key = place.key.root() if place.key is not None else None
        value = place.value.root() if place.value is not None else None
        found: List[Shape] = []
        if value is not None and key is not None and not value.votes["number"]:
            # Neighbours are looked up again, or at least walked over as what was looked up.
            inner = value.element.root() if value.element is not None else None
            weighted = value.key is not None and value.key.root() is key
            pairs = inner is not None and inner.at.get(0) is not None and inner.at[0].root() is key
            if inner is key or weighted or pairs:
                kind = "dict" if weighted or is_mapping(value) else "pairs" if pairs else "list"
                nodes: Tuple[Shape, ...] = (shapes.Str("word", 1), shapes.Int(0))
                found += [shapes.Graph(node, kind) for node in nodes]
                found.append(shapes.Graph(nodes[0], kind, acyclic=True))
        names = self._best(key) if key is not None else shapes.Unknown()
        if isinstance(names, shapes.Unknown) or (key is not None and not key.votes):
            names = shapes.Str("word", 1)
        if not isinstance(names, (shapes.Str, shapes.Int, shapes.Float, shapes.Fixed, shapes.Bool)):
            names = shapes.Str("word", 1)
        items = self._read(value) if value is not None else [shapes.Int()]
        found += [shapes.Mapping("dict", names, item) for item in items[:3]]
        return [
            *found,
            shapes.Mapping("dict", shapes.Int(), items[0]),
            shapes.Mapping("dict", names, shapes.Int()),
        ]

    def _instances(self, place: Place) -> Optional[Shape]:
        """Return the shape of something the function asks about its type."""
        kinds = list(place.instances)
        recursive = any(
            p is not None and p.root() is place for p in (place.element, place.value, place.item, place.key)
        )
        leaves: List[Shape] = [_LEAVES[kind] for kind in kinds if kind in _LEAVES]
        nests = [kind for kind in kinds if kind not in _LEAVES]
        if not nests:
            leaves = leaves or [shapes.Int()]
            # Something asked whether it is text is sometimes none.
            other: Shape = shapes.Int() if leaves == [_LEAVES["str"]] else shapes.Str("word")
            return _either([*leaves, other]) if len(leaves) == 1 else _either(leaves)
        if not recursive:
            return None
        level = _either([*(leaves or [shapes.Int()]), shapes.Int()])
        for _ in range(3):
            options: List[Shape] = [*(level.options if isinstance(level, shapes.OneOf) else (level,))]
            options = [o for o in options if not shapes.is_container(o) or isinstance(o, shapes.Str)]
            built: List[Shape] = []
            for kind in nests:
                if kind in {"dict", "Mapping"}:
                    built.append(shapes.Mapping("dict", shapes.Str("word", 1, words=self._words), level))
                else:
                    container = kind if kind in {"tuple", "set", "frozenset"} else "list"
                    built.append(shapes.Many(container, level))
            level = _either([*options, *built])
        top = [o for o in getattr(level, "options", ()) if isinstance(o, (shapes.Mapping, shapes.Many))]
        return _either(top) if top else level

    def _objects(self, place: Place, attrs: Dict[str, Place]) -> List[Shape]:
        """Return what has these attributes: classes of the workspace, values of the standard library, else
        plain namespaces."""
        wanted = set(attrs) | {n for n, p in place.attrs.items() if p.root().votes["method"]}
        found: List[Shape] = []
        plain = self._scope._replace(used=lambda cls: {})
        for cls in self._classes_with(wanted):
            shape = hints.shape_of_hint(cls, plain)
            if isinstance(shape, shapes.Object):
                found.append(self._instance(cls, shape, place))
            elif isinstance(shape, (shapes.Fixed, shapes.Literal)):
                found.append(shape)
            if len(found) == _MOST_CLASSES:
                break
        if found:
            return found
        found += [shapes.Standard(kind) for kind in standard.kinds_with(wanted)]
        found += self._arrays(wanted)
        if wanted & _OF_STREAMS and wanted <= set(dir(io.StringIO)) | set(dir(io.BytesIO)):
            text = shapes.Joined("\n", self._best(place.element)) if place.element else shapes.Str("text")
            content = text if isinstance(getattr(text, "element", text), _TEXTS) else shapes.Str("text")
            found += [shapes.Stream(content), shapes.Stream(shapes.Bytes(), binary=True)]
        if wanted == set(attrs):
            fields = [(name, self._attribute(p, name, "SimpleNamespace")) for name, p in attrs.items()]
            if any(not isinstance(part, shapes.Self) for _, part in fields):
                found.append(shapes.Object("types", "SimpleNamespace", tuple(fields)))
        return found

    def _classes_with(self, wanted: Set[str]) -> Iterator[type]:
        if self._classes is None:
            self._classes = [
                (cls, protocols.attributes_of(cls))
                for cls in protocols.workspace_classes(self._names)
                if protocols.is_concrete(cls)
            ]
        return (cls for cls, attributes in self._classes if wanted <= attributes)

    def _instance(self, cls: type, shape: shapes.Object, place: Place) -> shapes.Object:
        """Return the shape of a class told by how the target uses its attributes, then by its constructor."""
        known = {name.lstrip("*"): part for name, part in shape.fields}
        used = self._scope.used(cls)
        fields: List[Tuple[str, Shape]] = []
        for parameter in _parameters_of(cls):
            name = parameter.name
            part = known.get(name, shapes.Unknown())
            if isinstance(part, shapes.Unknown):
                attribute = place.attrs.get(name) or place.attrs.get("_" + name)
                if attribute is not None and not _is_unused(attribute.root()):
                    part = self._attribute(attribute, name, cls.__qualname__)
                elif parameter.default is parameter.empty:
                    part = next(iter(used.get(name, ())), self._attribute(attribute, name, cls.__qualname__))
                else:
                    continue
            if parameter.kind is parameter.VAR_POSITIONAL:
                part = part if isinstance(part, shapes.Many) else shapes.Many("list", part)
                name = "*" + name
            fields.append((name, part))
        return shapes.Object(shape.module, shape.qualname, tuple(fields))

    def _attribute(self, place: Optional[Place], name: str, qualname: str) -> Shape:
        """Return the shape of an attribute of an object of the class ``qualname``."""
        part = _named(self._best(place, name), qualname)
        if isinstance(part, shapes.Self):
            return shapes.OneOf((part, shapes.Nothing()))
        if place is not None and place.root().votes["none"] and not isinstance(part, shapes.OneOf):
            return shapes.OneOf((part, part, shapes.Nothing()))
        return part

    def _arrays(self, wanted: Set[str]) -> List[Shape]:
        numpy = next((m for m in self._names.values() if getattr(m, "__name__", "") == "numpy"), None)
        if numpy is None or not wanted <= set(dir(numpy.ndarray)):
            return []
        return [
            shapes.Array("<f8", 1),
            shapes.Array("<f8", 2),
            shapes.Array("<i8", 1),
            shapes.Array("<i8", 2),
        ]


_MOST_CLASSES = 4
"""Classes of the workspace that are offered for one place."""
_OF_STREAMS = frozenset({"read", "readline", "readlines", "write", "getvalue", "seek", "tell", "writelines"})


def _is_unused(place: Place) -> bool:
    return not (place.votes or place.attrs or place.at or place.fields or place.element or place.key)


_LEAVES: Dict[str, Shape] = {
    "int": shapes.Int(),
    "float": shapes.Float(),
    "str": shapes.Str("word"),
    "bool": shapes.Bool(),
    "bytes": shapes.Bytes(),
}
_TEXTS = (shapes.Str, shapes.Joined, shapes.Int, shapes.Float)
_SHORT_TEXT = frozenset({
    "sep", "separator", "delimiter", "pattern", "prefix", "suffix", "sub", "needle", "old", "new", "ch",
    "char", "fill",
})  # fmt: skip

_NUMBERS = shapes.Many("list", shapes.Int())
_WORDS = shapes.Many("list", shapes.Str("word", 1))
_PAIRS = shapes.Many("list", shapes.Fixed((shapes.Int(), shapes.Int())))
_NAMES: Dict[str, Tuple[Shape, ...]] = {
    "n k m num number limit size count depth times exp exponent base": (shapes.Int(0, None),),
    "i j x y z a b p q val value year month day total amount left right lo hi start end low high": (
        shapes.Int(),
    ),
    "text s string sentence line message content phrase paragraph document html": (shapes.Str("text"),),
    "word name key label pattern prefix suffix letter char sep delimiter token path url code": (
        shapes.Str("word"),
    ),
    "words names strings tokens labels texts lines keys": (_WORDS,),
    "nums numbers arr array lst list xs ys data values items elements seq sequence ints scores prices": (
        _NUMBERS,
        _WORDS,
    ),
    "weights costs heights sizes counts ages times durations profits": (shapes.Many("list", shapes.Int(0)),),
    "matrix grid board table m1 m2 mat image": (shapes.Matrix(shapes.Int()),),
    "graph adjacency adj tree deps dependencies": (shapes.Graph(shapes.Str("word", 1)),),
    "points intervals pairs edges ranges coords segments": (_PAIRS,),
    "d dictionary mapping counter lookup table_map config": (
        shapes.Mapping("dict", shapes.Str("word", 1), shapes.Int()),
    ),
    "ratio rate factor threshold tolerance eps alpha price weight": (shapes.Float(0.0), shapes.Int()),
    "buf buffer payload raw blob octets": (shapes.Bytes(),),
    "flag reverse ascending strict verbose ignore_case": (shapes.Bool(),),
    "func function fn key_func predicate callback": (hints.callables(1),),
}


def _by_name(name: str) -> List[Shape]:
    for names, found in _NAMES.items():
        if name in names.split():
            return list(found)
    return []


def _either(options: Sequence[Shape]) -> Shape:
    unique = tuple(dict.fromkeys(options))
    return unique[0] if len(unique) == 1 else shapes.OneOf(unique)


def _named(shape: Shape, qualname: str) -> Shape:
    """Say which class a recursive place is of."""
    return shapes.changed(
        shape, lambda s: shapes.Self(qualname) if isinstance(s, shapes.Self) and not s.qualname else s
    )


def _is_grid(place: Place, element: Place) -> bool:
    return bool(element.votes["indexed"] or element.votes["positions"]) and bool(
        place.votes["indexed"] or place.votes["positions"]
    )


def _may_be_text(element: Place) -> bool:
    votes = element.votes
    numeric = votes["int"] + votes["number"] + votes["float"] + votes["size"]
    nested = element.element is not None or element.at or element.arity or element.fields or element.attrs
    return not numeric and not nested


def _is_likely_text(place: Place) -> bool:
    """Whether something walked over is text: it is called so, or its elements are compared to characters."""
    if place.votes["list"] or place.votes["assigned"] or place.votes["deque"]:
        return False
    element = place.element.root() if place.element is not None else None
    if element is None or not _may_be_text(element):
        return False
    known = [w for w in (*element.literals, *element.must) if isinstance(w, str)]
    if known:
        return all(len(w) == 1 for w in known) and not any(type(n) is int for n in element.literals)
    return bool(place.names.keys() & _TEXT_NAMES)


_TEXT_NAMES = frozenset({
    "text", "s", "string", "sentence", "line", "word", "phrase", "dna", "message",
})  # fmt: skip


def _parameters_of(cls: type) -> List[inspect.Parameter]:
    try:
        every = signatures.signature_of(cls).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p for p in every if p.kind is not p.VAR_KEYWORD]
