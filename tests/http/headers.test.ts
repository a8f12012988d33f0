import assert from "node:assert/strict";
import { test } from "node:test";
import { deleteConnectionHeaders, deleteHeaders } from "../../src/http/headers.ts";
import { needsGlobals } from "../support/web.ts";

const headersGlobal = needsGlobals("Headers");

const left = (headers: Headers) => [...headers.keys()].join();

test(
  "deleteConnectionHeaders() removes the headers that connection names, and none that begin with such a name",
  headersGlobal,
  () => {
    const headers = new Headers({
      "connection": "x-a, keep-, X_B",
      "x-a": "1",
      "x-a-c": "2",
      "x-b": "3",
      "keep-this": "4",
    });
    deleteConnectionHeaders(headers);
    assert.equal(left(headers), "keep-this,x-a-c");
  },
);

test("deleteHeaders() takes a name that ends in a hyphen as a prefix", headersGlobal, () => {
  const headers = new Headers({ "x-auth-user": "1", "x-auth": "2", "x-authority": "3", "x_auth_id": "4" });
  deleteHeaders(headers, ["X-Auth-"]);
  assert.equal(left(headers), "x-auth,x-authority");
});
