/** SOAP 1.1 as xWeb speaks it: what goes out, and how its faults are read. */

export interface SoapFault {
  readonly code: string;
  /** The message alone: the .NET stack trace behind it is cut off. */
  readonly message: string;
}

/** A parameter's value: text, or XML that is put in as it is. */
export type Parameters = Readonly<Record<string, string>>;

export function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\r", "&#13;");
}

/** @param parameters values in XML already: text must have been escaped */
export function envelope(namespace: string, operation: string, parameters: Parameters, token: string | null): string {
  const header =
    token === null
      ? ""
      : `<soap:Header><AuthorizationToken xmlns="${namespace}"><Token>${escapeXml(token)}</Token></AuthorizationToken></soap:Header>`;
  const body = Object.entries(parameters).map(([name, value]) => `<${name}>${value}</${name}>`);
  return `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">${header}<soap:Body><${operation} xmlns="${namespace}">${body.join("")}</${operation}></soap:Body></soap:Envelope>`;
}

const longestMessage = 300;
const longestFault = 2000;

/** Reads a fault by what recorded ones hold: the message in `faultstring`, with an exception's name before it and a stack trace behind. */
export function soapFault(texts: Readonly<Record<string, string>>): SoapFault {
  // What follows is quadratic in runs of white space, so it gets no more than it needs.
  const string = (texts.Message ?? texts.faultstring ?? "").slice(0, longestFault);
  const first = string.split(/\r?\n\s*at |--->|\s+at \w+\.\w+\./)[0] ?? "";
  const message = first
    .replace(/^\s*(?:[\w.]+Exception:\s*)+/, "")
    .replace(/\s+/g, " ")
    .trim();
  return { code: (texts.faultcode ?? "").trim().slice(0, 50), message: message.slice(0, longestMessage) };
}

export function isTokenFault(fault: SoapFault): boolean {
  return /invalid token|token.{0,20}expired|authorization token/i.test(fault.message);
}

export function isCredentialsFault(fault: SoapFault): boolean {
  return /invalid credentials|account.{0,20}locked/i.test(fault.message);
}
