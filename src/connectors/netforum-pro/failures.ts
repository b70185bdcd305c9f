import { AmsError } from "../connector.ts";
import { isCredentialsFault, isTokenFault, type SoapFault } from "./soap.ts";

/** The answer came, but can't be the whole truth: nothing is built on it. */
export function incomplete(what: string, detail: string): AmsError {
  return new AmsError(
    "incomplete",
    `netFORUM Pro's answer can't be trusted to be whole: ${what}. Nothing was changed.`,
    { detail },
  );
}

/** What a fault says, in the words and kinds of the contract. */
export function faultError(fault: SoapFault, operation: string): AmsError {
  const detail = `${operation}: ${fault.code} ${fault.message}`.trim();
  if (isCredentialsFault(fault))
    return new AmsError("credentials", "netFORUM Pro refused the user name or password.", { detail });
  if (isTokenFault(fault))
    return new AmsError("token", "netFORUM Pro ended the session right after a fresh sign-in.", { detail });
  if (/column|object .*not found|did not recognize/i.test(fault.message)) {
    return new AmsError(
      "mapping",
      `netFORUM Pro doesn't know what it was asked for: ${fault.message}. See the operation mapping in Bridge Configuration.`,
      { detail },
    );
  }
  return new AmsError("refused", `netFORUM Pro refused the call: ${fault.message || "it gave no reason"}.`, { detail });
}
