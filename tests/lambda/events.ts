/**
 * Events as AWS sends them, from its documentation and consoles, shortened to the members that matter.
 *
 * @module
 */

/** A REST API of API Gateway, and an HTTP API with payload format 1.0. */
export const REST_API = {
  version: "1.0",
  resource: "/{proxy+}",
  path: "/metrics/result",
  httpMethod: "POST",
  headers: {
    "Content-Type": "text/plain",
    "Cookie": "cookie1; cookie2",
    "Host": "70ixmpl4fl.execute-api.us-east-2.amazonaws.com",
    "X-Forwarded-For": "203.0.113.9, 192.0.2.1",
    "X-Forwarded-Proto": "https",
    "X-Own": "b",
  },
  multiValueHeaders: {
    "Content-Type": ["text/plain"],
    "Cookie": ["cookie1; cookie2"],
    "Host": ["70ixmpl4fl.execute-api.us-east-2.amazonaws.com"],
    "X-Forwarded-For": ["203.0.113.9, 192.0.2.1"],
    "X-Forwarded-Proto": ["https"],
    "X-Own": ["a", "b"],
  },
  // Decoded.
  queryStringParameters: { region: "eu", a: "ü &" },
  multiValueQueryStringParameters: { region: ["eu"], a: ["1", "ü &"] },
  pathParameters: { proxy: "metrics/result" },
  stageVariables: null,
  requestContext: {
    accountId: "123456789012",
    apiId: "70ixmpl4fl",
    domainName: "70ixmpl4fl.execute-api.us-east-2.amazonaws.com",
    httpMethod: "POST",
    identity: { accountId: null, sourceIp: "192.0.2.1", user: null, userAgent: "Mozilla/5.0" },
    path: "/Prod/metrics/result",
    protocol: "HTTP/1.1",
    requestId: "66da07c1-6ae6-437a-9cc3-bf15ca33e3ff",
    requestTime: "10/Mar/2020:00:03:59 +0000",
    resourcePath: "/{proxy+}",
    stage: "Prod",
  },
  body: "text with ü",
  isBase64Encoded: false,
};

/** An HTTP API of API Gateway with payload format 2.0; a function URL sends the same. */
export const HTTP_API = {
  version: "2.0",
  routeKey: "$default",
  rawPath: "/metrics/result",
  rawQueryString: "region=eu&a=1&a=%C3%BC%20%26",
  cookies: ["cookie1", "cookie2"],
  headers: {
    "content-type": "text/plain",
    "host": "70ixmpl4fl.execute-api.us-east-2.amazonaws.com",
    "x-forwarded-for": "192.0.2.1",
    "x-forwarded-proto": "https",
    "x-own": "a,b",
  },
  queryStringParameters: { region: "eu", a: "1,ü &" },
  requestContext: {
    accountId: "123456789012",
    apiId: "70ixmpl4fl",
    domainName: "70ixmpl4fl.execute-api.us-east-2.amazonaws.com",
    domainPrefix: "70ixmpl4fl",
    http: {
      method: "POST",
      path: "/metrics/result",
      protocol: "HTTP/1.1",
      sourceIp: "192.0.2.1",
      userAgent: "Mozilla/5.0",
    },
    requestId: "JKJaXmPLvHcESHA=",
    routeKey: "$default",
    stage: "$default",
    time: "10/Mar/2020:05:16:23 +0000",
    timeEpoch: 1583817383220,
  },
  body: "text with ü",
  isBase64Encoded: false,
};

/** A function URL. It has no cookies when the client sends none, and its address may be IPv6. */
export const FUNCTION_URL = {
  ...HTTP_API,
  headers: { ...HTTP_API.headers, host: "id.lambda-url.us-west-2.on.aws", cookie: "cookie1; cookie2" },
  cookies: undefined,
  requestContext: {
    ...HTTP_API.requestContext,
    accountId: "anonymous",
    domainName: "id.lambda-url.us-west-2.on.aws",
    http: { ...HTTP_API.requestContext.http, sourceIp: "2001:db8::1" },
  },
};

const TARGET_GROUP = "arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/lambda/49e9d65c45c6791a";

/** An Application Load Balancer. It leaves the query encoded, and appends the client's address to `x-forwarded-for`. */
export const LOAD_BALANCER = {
  requestContext: { elb: { targetGroupArn: TARGET_GROUP } },
  httpMethod: "POST",
  path: "/metrics/result",
  queryStringParameters: { region: "eu", a: "%C3%BC%20%26" },
  headers: {
    "content-type": "text/plain",
    "cookie": "cookie1; cookie2",
    "host": "lambda-alb-123578498.us-east-2.elb.amazonaws.com",
    "x-forwarded-for": "203.0.113.9, 192.0.2.1",
    "x-forwarded-port": "80",
    "x-forwarded-proto": "http",
    "x-own": "b",
  },
  body: "text with ü",
  isBase64Encoded: false,
};

/** A load balancer whose target group has multi-value headers. */
export const LOAD_BALANCER_MULTI = {
  requestContext: LOAD_BALANCER.requestContext,
  httpMethod: "POST",
  path: "/metrics/result",
  multiValueQueryStringParameters: { region: ["eu"], a: ["1", "%C3%BC%20%26"] },
  multiValueHeaders: {
    "content-type": ["text/plain"],
    "cookie": ["cookie1; cookie2"],
    "host": ["lambda-alb-123578498.us-east-2.elb.amazonaws.com"],
    "x-forwarded-for": ["203.0.113.9, 192.0.2.1"],
    "x-forwarded-port": ["443"],
    "x-forwarded-proto": ["https"],
    "x-own": ["a", "b"],
  },
  body: "text with ü",
  isBase64Encoded: false,
};
