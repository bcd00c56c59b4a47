"""The ONNX model, in ONNX Runtime."""


def check(report, limno, directory):
    pass
