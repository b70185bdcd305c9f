import { expect, test } from "vitest";
import { findStatusCode, kindOfStatus } from "./status-code.rules.ts";

const kindOf = (text: string) => {
  const status = findStatusCode(text);
  return status && kindOfStatus(status);
};

test("4.5 hard are only: user, host or mailbox unknown, moved, disabled", () => {
  for (const code of ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"]) expect(kindOf(code), code).toBe("hard");
  for (let subject = 0; subject <= 7; subject += 1) {
    for (let detail = 0; detail <= 40; detail += 1) {
      const rest = `${subject}.${detail}`;
      if (["1.1", "1.2", "1.3", "1.6", "1.10", "2.1"].includes(rest)) continue;
      expect(kindOf(`5.${rest}`), rest).not.toBe("hard");
    }
  }
});

test("4.5 a full mailbox is soft, and what is not for ever is never hard", () => {
  for (const code of ["5.2.2", "4.2.2", "4.1.1", "4.2.1", "4.4.7", "5.4.4"]) expect(kindOf(code), code).toBe("soft");
});

test("4.5 5.7.x is the sender's fault and marks nobody, 5.6.x the mailing's", () => {
  for (const code of ["5.7.1", "5.7.26", "4.7.32", "5.7.515"]) expect(kindOf(code), code).toBe("policy");
  for (const code of ["5.6.0", "5.3.4", "5.2.3", "5.5.2"]) expect(kindOf(code), code).toBe("content");
});

test("4.5 a code that says too little says nothing", () => {
  for (const code of ["5.0.0", "5.1.0", "5.2.0", "2.1.5"]) expect(kindOf(code), code).toBeNull();
});

test("4.5 a code is found among words, and no address or version is taken for one", () => {
  expect(findStatusCode("550-5.1.1 The email account does not exist")).toEqual({ class: 5, rest: "1.1" });
  expect(findStatusCode("smtp; 550 #5.1.0 Address rejected")).toEqual({ class: 5, rest: "1.0" });
  for (const text of ["from 5.1.1.7 refused", "192.5.1.1", "postfix 3.5.1", "", "15.1.1"])
    expect(findStatusCode(text), text).toBeNull();
});
