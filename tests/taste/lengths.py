"""Files, functions and trains of thought that are too long."""

import source

FILE_MAX = 500
TEST_FILE_MAX = 700
FUNCTION_MAX = 60
COMPLEXITY_MAX = 25


class Complexity:
    """Cognitive complexity (Campbell 2018), near enough: a branch or loop
    counts 1 and what it is nested in; `else`, goto and each change between
    && and || count 1."""

    def __init__(self, tokens):
        self.tokens = [text for text, _, _ in tokens]
        self.at = 0
        self.sum = 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ''

    def take(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def parentheses(self, depth):
        """What stands in ( ), counting its operators."""
        level, last = 0, {}
        while self.at < len(self.tokens):
            text = self.take()
            if text == '(':
                level += 1
                last[level] = ''
            elif text == ')':
                level -= 1
                if level == 0:
                    return
            else:
                self.operator(text, last, level, depth)

    def operator(self, text, last, level, depth):
        if text in ('&&', '||'):
            self.sum += last.get(level) != text
            last[level] = text
        elif text == '?':
            self.sum += 1 + depth
        elif text in (';', ','):
            last[level] = ''

    def simple(self, depth):
        """All up to the semicolon, with braces of initialisers."""
        level, last = 0, {}
        while self.at < len(self.tokens):
            text = self.take()
            if text in '({[':
                level += 1
                last[level] = ''
            elif text in ')}]':
                level -= 1
            elif text == ';' and level == 0:
                return
            else:
                self.operator(text, last, level, depth)

    def branch(self, depth):
        self.take()
        self.sum += 1 + depth
        self.parentheses(depth)
        self.statement(depth + 1)
        while self.peek() == 'else':
            self.take()
            self.sum += 1
            if self.peek() != 'if':
                self.statement(depth + 1)
                return
            self.take()
            self.parentheses(depth)
            self.statement(depth + 1)

    def loop(self, depth):
        self.take()
        self.sum += 1 + depth
        self.parentheses(depth)
        self.statement(depth + 1)

    def do_loop(self, depth):
        self.take()
        self.sum += 1 + depth
        self.statement(depth + 1)
        self.take()     # while
        self.parentheses(depth)
        self.simple(depth)

    def statement(self, depth):
        text = self.peek()
        if text == '{':
            self.take()
            while self.at < len(self.tokens) and self.peek() != '}':
                self.statement(depth)
            self.at += 1
        elif text == 'if':
            self.branch(depth)
        elif text in ('for', 'while', 'switch'):
            self.loop(depth)
        elif text == 'do':
            self.do_loop(depth)
        elif text in ('case', 'default') or self.tokens[self.at + 1:self.at + 2] == [':']:
            while self.take() != ':':
                continue
            if self.peek() != '}':
                self.statement(depth)
        else:
            self.sum += text == 'goto'
            self.simple(depth)

    def all(self):
        while self.at < len(self.tokens):
            self.statement(0)
        return self.sum


def check(top, build):
    for path in source.files(top, source.HOUSE + ('tests',), ('.c', '.h')):
        text = source.read(top, path)
        limit = TEST_FILE_MAX if path.startswith('tests/') else FILE_MAX
        lines = text.count('\n')
        if lines > limit:
            yield path, limit, f'the file has {lines} lines, {limit} is the most'
        for name, first, last, body in source.functions(text):
            if last - first - 1 > FUNCTION_MAX:
                yield path, first, (f'{name} has {last - first - 1} lines, '
                                    f'{FUNCTION_MAX} is the most')
            weight = Complexity(body).all()
            if weight > COMPLEXITY_MAX:
                yield path, first, (f'{name} has a cognitive complexity of {weight}, '
                                    f'{COMPLEXITY_MAX} is the most')
