package org.lehr.bench.harness;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;

/// Results as JSON, one object a line.
final class ResultJson {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private ResultJson() {}

    static String line(Result result) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", result.name());
        fields.put("threads", result.threads());
        fields.put("ours", result.ours());
        fields.put("peer", number(result.peer()));
        fields.put("peerName", result.peerName());
        fields.put("unit", result.unit());
        fields.put("ratio", number(result.ratio()));
        fields.put("ceilingShare", number(result.ceilingShare()));
        fields.put("asShipped", number(result.shipped()));
        fields.put("asShippedRatio", number(result.shippedRatio()));
        try {
            return MAPPER.writeValueAsString(fields);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("result " + result + " cannot be written", e);
        }
    }

    /// JSON knows no NaN.
    private static Double number(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
