import { expect, test } from "vitest";
import { peopleSearch } from "./search.rules.ts";

test("people are searched by the beginnings of words and of a customer key", () => {
  expect(peopleSearch("Ana LOP")).toEqual({ words: "'ana':* & 'lop':*", keyFrom: null, keyTo: null });
  expect(peopleSearch(" ana.lopes@Example.org ").words).toBe("'ana':* & 'lopes':* & 'example':* & 'org':*");
  expect(peopleSearch("ana@müller.example").words).toBe("'ana':* & 'xn':* & 'mller':* & 'kva':* & 'example':*");
  expect(peopleSearch("9DB6-45")).toMatchObject({ words: "'9db6':* & '45':*", keyFrom: "9db6-45" });
  expect(peopleSearch("O'Neil").words).toBe("'o':* & 'neil':*");
});

test("letters beyond ASCII are searched in their usual spellings", () => {
  expect(peopleSearch("ángel").words).toBe("('ángel':* | 'Ángel':*)");
  expect(peopleSearch("zoé").words).toBe("('zoé':* | 'zoÉ':*)");
  expect(peopleSearch("花子").words).toBe("'花子':*");
});

test("what is no word finds nobody, and no text can leave its quotes", () => {
  expect(peopleSearch("@ ' \\ & | ! :*")).toEqual({ words: null, keyFrom: null, keyTo: null });
  expect(peopleSearch("a'|'b").words).toBe("'a':* & 'b':*");
  expect(peopleSearch("x ".repeat(50)).words?.split("&")).toHaveLength(8);
});
