import type { Answer } from "./answer.ts";
import { type Fault, findFault } from "./faults.ts";
import { columns, escapeXml, fieldTypes, findPerson, textOf } from "./people.ts";
import { QueryFault, writeQuery } from "./query.ts";
import type { State } from "./state.ts";
import { onDemandNamespace, signOnNamespace } from "./wsdl.ts";

interface Call {
  readonly operation: string;
  readonly isSignOn: boolean;
  readonly body: string;
}

/** Answers one SOAP call, with the token for the next in its header. */
export async function runOperation(
  state: State,
  call: Call,
  answer: Answer,
  faults: readonly Fault[],
  head: (status: number) => void,
): Promise<void> {
  const fault = (message: string) => {
    head(findFault(faults, "fault_with_200") ? 200 : 500);
    answer.add(soapFault(message));
    return answer.end();
  };
  const struck = findFault(faults, "fault") ?? findFault(faults, "fault_with_200");
  if (struck) return fault(struck.text ?? "Object reference not set to an instance of an object.");
  if (call.operation === "Authenticate") return authenticate(state, call, answer, faults, head, fault);
  if (call.isSignOn) {
    head(200);
    answer.add(
      `${envelopeOpen(faults)}<soap:Body><${call.operation}Response xmlns="${signOnNamespace}" /></soap:Body></soap:Envelope>`,
    );
    return answer.end();
  }
  if (findFault(faults, "expired_token")) state.sessions.expireAll();
  const token = parameter(call.body, "Token");
  const next = state.sessions.rotate(token);
  if (next === undefined) return fault("Invalid Token Value");
  try {
    await writeOnDemand(state, call, answer, faults, head, spoilToken(next, token, faults));
  } catch (error) {
    if (!(error instanceof QueryFault)) throw error;
    return fault(error.message);
  }
}

function spoilToken(next: string, old: string, faults: readonly Fault[]): string {
  if (findFault(faults, "token_unchanged")) return old;
  return findFault(faults, "token_malformed") ? "not-a-guid" : next;
}

async function authenticate(
  state: State,
  call: Call,
  answer: Answer,
  faults: readonly Fault[],
  head: (status: number) => void,
  fault: (message: string) => Promise<void>,
): Promise<void> {
  if (findFault(faults, "credentials")) return fault("Invalid Credentials Supplied");
  const result = state.sessions.signOn(parameter(call.body, "userName"), parameter(call.body, "password"));
  if ("fault" in result) return fault(result.fault);
  head(200);
  const namespace = call.isSignOn ? signOnNamespace : onDemandNamespace;
  const header = call.isSignOn ? "" : tokenHeader(result.token);
  const value = call.isSignOn ? result.token : onDemandNamespace;
  answer.add(
    `${envelopeOpen(faults)}${header}<soap:Body><AuthenticateResponse xmlns="${namespace}"><AuthenticateResult>${value}</AuthenticateResult></AuthenticateResponse></soap:Body></soap:Envelope>`,
  );
  return answer.end();
}

async function writeOnDemand(
  state: State,
  call: Call,
  answer: Answer,
  faults: readonly Fault[],
  head: (status: number) => void,
  token: string,
): Promise<void> {
  const { operation, body } = call;
  const query = {
    object: parameter(body, "szObjectName"),
    columnList: parameter(body, "szColumnList")
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== ""),
    where: parameter(body, "szWhereClause"),
  };
  const namespace = findFault(faults, "namespace") ? "http://example.org/other" : onDemandNamespace;
  const open = `${envelopeOpen(faults)}${findFault(faults, "token_missing") ? "" : tokenHeader(token)}<soap:Body><${operation}Response xmlns="${namespace}">`;
  const close = `</${operation}Response></soap:Body></soap:Envelope>`;
  const user = "lockstep";
  if (operation === "GetQuery") {
    // A refused query must not have begun its answer: the first chunk leaves when the query has proved good.
    let isOpen = false;
    const late: Pick<Answer, "add" | "isBroken"> = {
      get isBroken() {
        return answer.isBroken;
      },
      add(text: string) {
        if (isOpen) return answer.add(text);
        isOpen = true;
        head(200);
        return answer.add(`${open}<GetQueryResult>${text}`);
      },
    };
    await writeQuery(
      late as Answer,
      { people: state.people, jobs: state.jobs, activities: state.activities, rowCap: state.rowCap },
      query,
      user,
      faults,
    );
    await answer.add(`</GetQueryResult>${close}`);
    return answer.end();
  }
  const result = smallResult(state, operation, body, user);
  if (result === undefined)
    throw new QueryFault(`Server did not recognize the value of HTTP Header SOAPAction: ${operation}.`);
  head(200);
  await answer.add(`${open}${result === null ? "" : `<${operation}Result>${result}</${operation}Result>`}${close}`);
  return answer.end();
}

/** Answers of operations that say little. @returns null for no result element, undefined for an operation that the service doesn't have */
function smallResult(state: State, operation: string, body: string, user: string): string | null | undefined {
  switch (operation) {
    case "TestConnection":
      return "<Success>1</Success>";
    case "GetFacadeXMLSchema":
      return schema();
    case "GetCustomerByKey": {
      const index = findPerson(state.people, parameter(body, "szCstKey"));
      if (index < 0) return null;
      const cells = Object.keys(columns).map((name) => `<${name}>${textOf(state.people, index, name)}</${name}>`);
      return `<Results userName="${user}" recordReturn="1"><Result>${cells.join("")}<NoEmaiFlag>${textOf(state.people, index, "cst_no_email_flag")}</NoEmaiFlag><cst_id></cst_id></Result></Results>`;
    }
    case "GetIndividualChangesByDate":
      return ""; // nothing as an empty result element: one of the three shapes that "none" has
    case "SetIndividualInformation":
      return setInformation(state, body);
    case "NewHistoricalActivity":
      return addActivity(state, body);
    default:
      return undefined;
  }
}

function setInformation(state: State, body: string): string {
  const key = parameter(body, "IndividualKey").toLowerCase();
  const index = findPerson(state.people, key);
  if (index < 0) throw new QueryFault(`Individual ${key} was not found`);
  const flag = /<cst_no_email_flag>\s*([^<]*)</.exec(body)?.[1]?.trim() ?? "";
  state.people.changed.set(index, { ...state.people.changed.get(index), cst_no_email_flag: flag });
  state.doNotEmail.push({ key, flag });
  return "<Success>1</Success>";
}

function addActivity(state: State, body: string): string {
  const key = parameter(body, "cst_key").toLowerCase();
  if (findPerson(state.people, key) < 0) throw new QueryFault(`Individual ${key} was not found`);
  const line = { date: parameter(body, "activity_date"), text: parameter(body, "activity_text") };
  state.activities.set(key, [...(state.activities.get(key) ?? []), line]);
  return "<Success>1</Success>";
}

function schema(): string {
  const elements = Object.keys(columns).map(
    (name) => `<xs:element name="${name}" type="xs:${fieldTypes[name] ?? "string"}" minOccurs="0" />`,
  );
  return `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="IndividualObjects"><xs:complexType><xs:sequence><xs:element name="IndividualObject"><xs:complexType><xs:all>${elements.join("")}</xs:all></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>`;
}

function envelopeOpen(faults: readonly Fault[]): string {
  const dtd = findFault(faults, "dtd") ? '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>' : "";
  const namespace = findFault(faults, "soap12")
    ? "http://www.w3.org/2003/05/soap-envelope"
    : "http://schemas.xmlsoap.org/soap/envelope/";
  return `<?xml version="1.0" encoding="utf-8"?>${dtd}<soap:Envelope xmlns:soap="${namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">`;
}

function tokenHeader(token: string): string {
  return `<soap:Header><AuthorizationToken xmlns="${onDemandNamespace}"><Token>${token}</Token></AuthorizationToken></soap:Header>`;
}

function soapFault(message: string): string {
  const trace = `System.Web.Services.Protocols.SoapException: ${message}\n   at Avectra.netForumOD2.xWebOD.SignOn.Call(String a) in c:\\xWeb\\Service.cs:line 68`;
  return `${envelopeOpen([])}<soap:Body><soap:Fault><faultcode>soap:Client</faultcode><faultstring>${escapeXml(trace)}</faultstring><detail /></soap:Fault></soap:Body></soap:Envelope>`;
}

const entities: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** A parameter of the request. Requests come from the program under test, so a small reader will do. */
function parameter(body: string, name: string): string {
  const match = new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([\\s\\S]*?)</(?:\\w+:)?${name}>`).exec(body);
  return (match?.[1] ?? "")
    .replace(/&(lt|gt|amp|quot|apos);/g, (_, entity: string) => entities[entity] ?? "")
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}
