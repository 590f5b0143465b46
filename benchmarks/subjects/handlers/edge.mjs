// The same job in Node.js, as the common TypeScript function does it: whole body decoded, hashed, echoed back.
import { createHash } from "node:crypto";

export const handler = async (event) => {
  const request = event.Records[0].cf.request;
  if (request.body?.data) {
    const payload = Buffer.from(request.body.data, "base64");
    const digest = createHash("sha256").update(payload).digest("hex");
    request.headers["x-amz-content-sha256"] = [{ key: "X-Amz-Content-Sha256", value: digest }];
  }
  return request;
};
