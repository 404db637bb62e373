// PyTorch for C#: one call into PyTorch's dispatcher reaches every ATen operator, with autograd; beside it only what is no
// operator (gradients, the engine, seeds, memory). Nothing here knows TorchSharp. No exception crosses this boundary:
// a function that can fail returns -1 (or null) and leaves the message to aten_error.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>

#include <cstdint>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

using at::Tensor;
using c10::IValue;
using c10::TypeKind;
using Operator = c10::OperatorHandle;
using torch::autograd::variable_list;

namespace {

enum Tag : int64_t { None, TensorTag, Int, Double, Bool, IntList, TensorList, Text, DoubleList, DeviceTag, Anything };

// One argument or result. A list is p and n, a tensor is p, a device is i (type) and n (index).
struct Value {
  int64_t tag;
  int64_t i;
  double d;
  const void* p;
  int64_t n;
};

thread_local std::string error;

template <class F>
auto guarded(F body, decltype(body()) failed) -> decltype(body()) {
  try {
    return body();
  } catch (const c10::Error& e) {
    error = e.what_without_backtrace();
  } catch (const std::exception& e) {
    error = e.what();
  } catch (...) {
    error = "unknown C++ exception";
  }
  return failed;
}

template <class F>
int64_t succeeds(F body) {
  return guarded([&]() -> int64_t { body(); return 0; }, -1);
}

Tensor& tensor(const void* handle) { return *static_cast<Tensor*>(const_cast<void*>(handle)); }

// An undefined tensor is null on the other side.
void* handle(Tensor t) { return t.defined() ? new Tensor(std::move(t)) : nullptr; }

void** handles(const std::vector<Tensor>& tensors) {
  auto out = new void*[tensors.size()];
  for (size_t k = 0; k < tensors.size(); k++) out[k] = handle(tensors[k]);
  return out;
}

variable_list tensors(void* const* handles, int64_t n) {
  variable_list out;
  out.reserve(n);
  for (int64_t k = 0; k < n; k++) out.push_back(handles[k] ? tensor(handles[k]) : Tensor());
  return out;
}

IValue ivalue(const Value& v) {
  switch (v.tag) {
    case None: return {};
    case TensorTag: return tensor(v.p);
    case Int: return v.i;
    case Double: return v.d;
    case Bool: return v.i != 0;
    case IntList: return std::vector<int64_t>((const int64_t*)v.p, (const int64_t*)v.p + v.n);
    case DoubleList: return std::vector<double>((const double*)v.p, (const double*)v.p + v.n);
    case TensorList: return tensors((void* const*)v.p, v.n);
    case Text: return std::string((const char*)v.p, v.n);
    case DeviceTag: return c10::Device((c10::DeviceType)v.i, (c10::DeviceIndex)v.n);
    default: throw std::invalid_argument("unknown tag of an argument: " + std::to_string(v.tag));
  }
}

// Brings a value to the formal type as PyTorch's Python binding does: int to float, int to int[n], tensors to Tensor?[].
// False where it does not fit.
bool fits(IValue& v, const c10::Type& type, bool broadcasts, int64_t length) {
  switch (type.kind()) {
    case TypeKind::OptionalType:
      return v.isNone() || fits(v, *type.containedTypes()[0], broadcasts, length);
    case TypeKind::TensorType:
      return v.isTensor();
    case TypeKind::IntType:
    case TypeKind::SymIntType:
      return v.isInt();
    case TypeKind::FloatType:
      if (v.isInt()) v = (double)v.toInt();
      return v.isDouble();
    case TypeKind::NumberType:
      return v.isInt() || v.isDouble() || v.isBool();
    case TypeKind::BoolType:
      return v.isBool();
    case TypeKind::StringType:
      return v.isString();
    case TypeKind::DeviceObjType:
      return v.isDevice();
    case TypeKind::ListType: {
      const c10::Type& element = *type.containedTypes()[0];
      switch (element.kind()) {
        case TypeKind::IntType:
        case TypeKind::SymIntType:
          if (broadcasts && v.isInt()) v = std::vector<int64_t>(length, v.toInt());
          return v.isIntList();
        case TypeKind::FloatType:
          if (v.isIntList()) {
            std::vector<double> d;
            for (int64_t x : v.toIntVector()) d.push_back((double)x);
            v = std::move(d);
          }
          return v.isDoubleList();
        case TypeKind::TensorType:
          if (!v.isTensorList()) return false;
          for (const Tensor& t : v.toTensorVector()) if (!t.defined()) return false;
          return true;
        case TypeKind::OptionalType: {
          if (!v.isTensorList()) return false;
          c10::impl::GenericList list(c10::OptionalType::create(c10::TensorType::get()));
          for (const Tensor& t : v.toTensorVector()) list.push_back(t.defined() ? IValue(t) : IValue());
          v = std::move(list);
          return true;
        }
        default:
          return false;
      }
    }
    default:
      return false;
  }
}

void complete(const c10::FunctionSchema& schema, torch::jit::Stack& stack) {
  const auto& formals = schema.arguments();
  size_t given = stack.size();
  bool ok = given <= formals.size();
  for (size_t k = 0; ok && k < formals.size(); k++) {
    if (k < given) {
      auto n = formals[k].N();
      ok = fits(stack[k], *formals[k].type(), n.has_value(), n.has_value() ? *n : 0);
      if (!ok) error = schema.name() + "() " + formals[k].formatTypeMismatchMsg(stack[k].type()->repr_str());
    } else if (formals[k].default_value().has_value()) {
      stack.push_back(*formals[k].default_value());
    } else {
      ok = false;
    }
  }
  if (ok) return;
  std::string own = error;
  torch::jit::Stack again(stack.begin(), stack.begin() + given);
  schema.checkAndNormalizeInputs(again, {});  // says it in PyTorch's own words
  throw std::invalid_argument(own);
}

void result(const c10::FunctionSchema& schema, torch::jit::Stack& stack, Tag expected, Value& out) {
  out = Value{expected, 0, 0, nullptr, 0};
  auto wrong = [&](const char* what) {
    std::string message = std::string("Expected a result of type '") + what + "' but " + schema.name() + "() returned '";
    for (size_t k = 0; k < stack.size(); k++) message += (k ? ", " : "") + stack[k].type()->repr_str();
    throw std::invalid_argument(message + "'. Declaration: " + c10::toString(schema));
  };
  bool one = stack.size() == 1;
  switch (expected) {
    case Anything:
      break;
    case TensorTag:
      if (!one || !stack[0].isTensor()) wrong("Tensor");
      out.p = handle(stack[0].toTensor());
      break;
    case TensorList: {
      std::vector<Tensor> all;
      for (IValue& v : stack) {
        if (v.isTensor()) all.push_back(v.toTensor());
        else if (v.isTensorList()) for (const Tensor& t : v.toTensorVector()) all.push_back(t);
        else wrong("Tensor, ...");
      }
      out.p = handles(all);
      out.n = all.size();
      break;
    }
    case Int:
      if (!one || !stack[0].isInt()) wrong("int");
      out.i = stack[0].toInt();
      break;
    case Bool:
      if (!one || !stack[0].isBool()) wrong("bool");
      out.i = stack[0].toBool();
      break;
    case Double:
      if (!one || !stack[0].isDouble()) wrong("float");
      out.d = stack[0].toDouble();
      break;
    default:
      throw std::invalid_argument("unknown tag of a result: " + std::to_string(expected));
  }
}

// A node of the graph whose backward runs on the other side.
using Backward = int64_t (*)(int64_t key, void** gradients, int64_t n, void** results, int64_t m);
using Release = void (*)(int64_t key);

struct ManagedNode : torch::autograd::Node {
  int64_t key;
  Backward backward;
  Release release;
  bool materialize = true;
  std::vector<torch::autograd::SavedVariable> saved;
  std::weak_ptr<ManagedNode> self;

  ManagedNode(int64_t key, Backward backward, Release release) : key(key), backward(backward), release(release) {}
  ~ManagedNode() override { release(key); }

  variable_list apply(variable_list&& gradients) override {
    variable_list in(gradients.begin(), gradients.end());
    if (materialize)
      for (size_t k = 0; k < in.size(); k++)
        if (!in[k].defined()) in[k] = input_metadata(k).zeros_like();
    void** given = handles(in);
    std::vector<void*> results(num_outputs(), nullptr);
    int64_t rc = backward(key, given, in.size(), results.data(), results.size());
    delete[] given;
    variable_list out = tensors(results.data(), results.size());
    for (void* r : results) delete (Tensor*)r;
    if (rc < 0) throw std::runtime_error(error);
    return out;
  }
  void release_variables() override {
    for (auto& s : saved) s.reset_data();
  }
};

}  // namespace

extern "C" {

const char* aten_error() { return error.c_str(); }

// "aten::add.Tensor" as a handle for aten_call; null where PyTorch has no such operator. Handles live for ever: they are cached.
void* aten_find(const char* name) {
  return guarded([&]() -> void* {
    std::string full(name);
    auto colons = full.find("::");
    auto dot = full.find('.', colons == std::string::npos ? 0 : colons);
    std::string overload = dot == std::string::npos ? "" : full.substr(dot + 1);
    return new Operator(c10::Dispatcher::singleton().findSchemaOrThrow(full.substr(0, dot).c_str(), overload.c_str()));
  }, nullptr);
}

int64_t aten_call(const void* op, const Value* args, int64_t n, int64_t expected, Value* out) {
  return succeeds([&] {
    const auto& handle = *static_cast<const Operator*>(op);
    torch::jit::Stack stack;
    stack.reserve(handle.schema().arguments().size());
    for (int64_t k = 0; k < n; k++) stack.push_back(ivalue(args[k]));
    complete(handle.schema(), stack);
    handle.callBoxed(&stack);
    // A number may come back as an int, a float or a bool: the value decides.
    auto tag = (Tag)expected;
    if (expected == None) tag = stack.size() == 1 && stack[0].isInt() ? Int : stack.size() == 1 && stack[0].isBool() ? Bool : Double;
    result(handle.schema(), stack, tag, *out);
  });
}

// Another handle on the same tensor.
void* aten_alias(const void* t) { return new Tensor(tensor(t)); }
void aten_free(void* t) { delete (Tensor*)t; }
void aten_free_list(void** list) { delete[] list; }

int64_t aten_dim(const void* t) { return tensor(t).dim(); }
int64_t aten_numel(const void* t) { return tensor(t).numel(); }
int64_t aten_dtype(const void* t) { return (int64_t)tensor(t).scalar_type(); }
int64_t aten_element_size(const void* t) { return tensor(t).element_size(); }
int64_t aten_device_type(const void* t) { return (int64_t)tensor(t).device().type(); }
int64_t aten_device_index(const void* t) { return tensor(t).device().index(); }
int64_t aten_is_sparse(const void* t) { return tensor(t).is_sparse(); }
int64_t aten_is_contiguous(const void* t) { return tensor(t).is_contiguous(); }
void aten_sizes(const void* t, int64_t* sizes) {
  auto s = tensor(t).sizes();
  std::copy(s.begin(), s.end(), sizes);
}
int64_t aten_strides(const void* t, int64_t* strides) {
  return succeeds([&] { auto s = tensor(t).strides(); std::copy(s.begin(), s.end(), strides); });
}

int64_t aten_requires_grad(const void* t) { return tensor(t).requires_grad(); }
int64_t aten_set_requires_grad(void* t, int64_t on) { return succeeds([&] { tensor(t).set_requires_grad(on != 0); }); }
int64_t aten_retain_grad(void* t) { return succeeds([&] { tensor(t).retain_grad(); }); }
int64_t aten_is_leaf(const void* t) { return tensor(t).is_leaf(); }
// *out is null where there is no gradient.
int64_t aten_grad(const void* t, void** out) { return succeeds([&] { *out = handle(tensor(t).grad()); }); }
int64_t aten_set_grad(void* t, void* grad) { return succeeds([&] { tensor(t).mutable_grad() = grad ? tensor(grad) : Tensor(); }); }
int64_t aten_grad_enabled() { return c10::GradMode::is_enabled(); }
void aten_set_grad_enabled(int64_t on) { c10::GradMode::set_enabled(on != 0); }
// Guards are freed on the thread that made them, the latest first.
void* aten_inference(int64_t on) { return new c10::InferenceMode(on != 0); }
void aten_inference_free(void* guard) { delete (c10::InferenceMode*)guard; }
int64_t aten_inference_enabled() { return c10::InferenceMode::is_enabled(); }

int64_t aten_backward(void* const* roots, int64_t n, void* const* gradients, int64_t m, int64_t retain_graph, int64_t create_graph, void* const* inputs, int64_t k) {
  return succeeds([&] {
    torch::autograd::backward(tensors(roots, n), tensors(gradients, m), retain_graph != 0, create_graph != 0, tensors(inputs, k));
  });
}

// The gradients of the outputs with respect to the n inputs, as a list to be freed with aten_free_list.
void** aten_gradients(void* const* outputs, int64_t m, void* const* inputs, int64_t n, void* const* gradients, int64_t k, int64_t retain_graph, int64_t create_graph, int64_t allow_unused) {
  return guarded([&] {
    return handles(torch::autograd::grad(tensors(outputs, m), tensors(inputs, n), tensors(gradients, k), retain_graph != 0, create_graph != 0, allow_unused != 0));
  }, (void**)nullptr);
}

int64_t aten_manual_seed(uint64_t seed) { return succeeds([&] { at::manual_seed(seed); }); }
void* aten_rng_state() {
  return guarded([]() -> void* {
    auto generator = at::detail::getDefaultCPUGenerator();
    std::lock_guard<std::mutex> lock(generator.mutex());
    return handle(generator.get_state());
  }, nullptr);
}
int64_t aten_set_rng_state(const void* state) {
  return succeeds([&] {
    auto generator = at::detail::getDefaultCPUGenerator();
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(tensor(state));
  });
}
int64_t aten_cuda_count() { return guarded([]() -> int64_t { return (int64_t)at::getNumGPUs(); }, 0); }
int64_t aten_cuda_synchronize(int64_t device) { return succeeds([&] { at::detail::getCUDAHooks().deviceSynchronize((c10::DeviceIndex)device); }); }
int64_t aten_num_threads() { return at::get_num_threads(); }
void aten_set_num_threads(int64_t n) { at::set_num_threads((int)n); }

// A CPU tensor with a copy of the values at data.
void* aten_from_memory(const void* data, int64_t bytes, const int64_t* sizes, int64_t dim, int64_t dtype) {
  return guarded([&]() -> void* {
    Tensor t = at::empty(at::IntArrayRef(sizes, dim), at::TensorOptions().dtype((c10::ScalarType)dtype));
    if ((int64_t)t.nbytes() != bytes) throw std::invalid_argument("the shape holds " + std::to_string(t.nbytes()) + " bytes, " + std::to_string(bytes) + " are given");
    if (bytes > 0) std::memcpy(t.data_ptr(), data, bytes);
    return handle(t);
  }, nullptr);
}

// Where the values of a CPU tensor are.
void* aten_data(const void* t) {
  return guarded([&]() -> void* {
    if (!tensor(t).device().is_cpu()) throw std::invalid_argument("the values of a tensor that is not on the CPU cannot be read; call cpu() first");
    return tensor(t).data_ptr();
  }, nullptr);
}

// A node whose inputs are the given tensors; the outputs are tied to it by aten_node_output. Freed by aten_node_free.
void* aten_node(int64_t key, Backward backward, Release release, void* const* inputs, int64_t n, int64_t materialize) {
  return guarded([&]() -> void* {
    auto node = std::shared_ptr<ManagedNode>(new ManagedNode(key, backward, release), torch::autograd::deleteNode);
    node->self = node;
    node->materialize = materialize != 0;
    node->set_next_edges(torch::autograd::collect_next_edges(tensors(inputs, n)));
    return new std::shared_ptr<ManagedNode>(node);
  }, nullptr);
}
// A tensor as an output of the node. A tensor of its own where the given one has a history, as an input has.
void* aten_node_output(void* node, const void* output) {
  return guarded([&]() -> void* {
    Tensor t = tensor(output);
    if (t.requires_grad() || t.is_view()) t = t.detach();
    torch::autograd::set_history(t, *(std::shared_ptr<ManagedNode>*)node);
    return handle(t);
  }, nullptr);
}
int64_t aten_node_save(void* node, void* t, int64_t is_output) {
  return succeeds([&] { (*(std::shared_ptr<ManagedNode>*)node)->saved.emplace_back(tensor(t), is_output != 0); });
}
int64_t aten_node_saved(void* node, int64_t k, void** out) {
  return succeeds([&] {
    auto& n = *(ManagedNode*)node;
    *out = handle(n.saved.at(k).unpack(n.self.lock()));
  });
}
void* aten_node_pointer(void* node) { return ((std::shared_ptr<ManagedNode>*)node)->get(); }
void aten_node_free(void* node) { delete (std::shared_ptr<ManagedNode>*)node; }
void aten_fail(const char* message) { error = message; }

}
