/** Service descriptions with the shape and the namespaces of the real ones, of the operations that are served. */

export const onDemandNamespace = "http://www.avectra.com/OnDemand/2005/";
export const signOnNamespace = "http://tempuri.org/";

export const onDemandOperations: Readonly<Record<string, readonly string[]>> = {
  Authenticate: ["userName", "password"],
  GetFacadeXMLSchema: ["szObjectName"],
  GetFacadeObjectList: [],
  GetQuery: ["szObjectName", "szColumnList", "szWhereClause", "szOrderBy"],
  GetCustomerByKey: ["szCstKey"],
  GetIndividualChangesByDate: ["szStartDate", "szEndDate"],
  SetIndividualInformation: ["IndividualKey", "oUpdateNode"],
  NewHistoricalActivity: ["oNode"],
  GetOptOutCategories: ["szRecordDate"],
  TestConnection: [],
};

/** What a site offers: some have no opt-out categories. */
export function offeredOperations(hasCategories: boolean): Readonly<Record<string, readonly string[]>> {
  if (hasCategories) return onDemandOperations;
  return Object.fromEntries(Object.entries(onDemandOperations).filter(([name]) => name !== "GetOptOutCategories"));
}

export const signOnOperations: Readonly<Record<string, readonly string[]>> = {
  Authenticate: ["userName", "password"],
  GetCstKeyFromSignOnToken: ["szEncryptedSingOnToken", "AuthToken"],
};

export function wsdl(
  namespace: string,
  operations: Readonly<Record<string, readonly string[]>>,
  address: string,
): string {
  const names = Object.keys(operations);
  const elements = names.map((name) => {
    const parameters = (operations[name] ?? []).map((parameter) =>
      parameter.startsWith("o")
        ? `<s:element minOccurs="0" maxOccurs="1" name="${parameter}"><s:complexType mixed="true"><s:sequence><s:any /></s:sequence></s:complexType></s:element>`
        : `<s:element minOccurs="0" maxOccurs="1" name="${parameter}" type="s:string" />`,
    );
    return `<s:element name="${name}"><s:complexType><s:sequence>${parameters.join("")}</s:sequence></s:complexType></s:element>
<s:element name="${name}Response"><s:complexType><s:sequence><s:element minOccurs="0" maxOccurs="1" name="${name}Result"><s:complexType mixed="true"><s:sequence><s:any /></s:sequence></s:complexType></s:element></s:sequence></s:complexType></s:element>`;
  });
  const messages = names.map(
    (name) => `<wsdl:message name="${name}SoapIn"><wsdl:part name="parameters" element="tns:${name}" /></wsdl:message>
<wsdl:message name="${name}SoapOut"><wsdl:part name="parameters" element="tns:${name}Response" /></wsdl:message>`,
  );
  const portType = names.map(
    (name) =>
      `<wsdl:operation name="${name}"><wsdl:input message="tns:${name}SoapIn" /><wsdl:output message="tns:${name}SoapOut" /></wsdl:operation>`,
  );
  const binding = names.map(
    (name) =>
      `<wsdl:operation name="${name}"><soap:operation soapAction="${namespace}${name}" style="document" /><wsdl:input><soap:body use="literal" /></wsdl:input><wsdl:output><soap:body use="literal" /></wsdl:output></wsdl:operation>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<wsdl:definitions xmlns:s="http://www.w3.org/2001/XMLSchema" xmlns:tns="${namespace}" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" targetNamespace="${namespace}" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/">
<wsdl:types><s:schema elementFormDefault="qualified" targetNamespace="${namespace}">
${elements.join("\n")}
</s:schema></wsdl:types>
${messages.join("\n")}
<wsdl:portType name="ServiceSoap">${portType.join("\n")}</wsdl:portType>
<wsdl:binding name="ServiceSoap" type="tns:ServiceSoap"><soap:binding transport="http://schemas.xmlsoap.org/soap/http" />${binding.join("\n")}</wsdl:binding>
<wsdl:service name="Service"><wsdl:port name="ServiceSoap" binding="tns:ServiceSoap"><soap:address location="${address}" /></wsdl:port></wsdl:service>
</wsdl:definitions>`;
}
