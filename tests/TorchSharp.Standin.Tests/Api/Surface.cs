using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace TorchSharp.Standin.Tests.Api;

/// <summary>
/// What an assembly offers to others, one fact a line, read from its metadata: nothing is loaded, no dependency is needed.
/// A fact about a type is its kind, its base or one interface; a fact about a member is its signature as the runtime binds it and,
/// after <see cref="Separator"/>, what the compiler needs besides: modifiers, constraints, parameter names and default values.
/// Overrides are left out, since callers bind to what they override; so are nullable annotations.
/// </summary>
internal static class Surface
{
    public const string Separator = " | ";

    private const string ParamArray = "System.ParamArrayAttribute";

    /// <summary>The public and protected types of an assembly and their facts.</summary>
    public static SortedDictionary<string, SortedSet<string>> Of(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        var surface = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            if (IsVisible(reader, type) && !reader.GetString(type.Name).Contains('<'))
                surface[TypeNames.Of(reader, handle)] = new(FactsOf(reader, type), StringComparer.Ordinal);
        }
        return surface;
    }

    /// <summary>The version of the assembly's contents, such as TorchSharp 0.105.2.</summary>
    public static string Version(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        return $"{reader.GetString(reader.GetAssemblyDefinition().Name)} {reader.GetAssemblyDefinition().Version.ToString(3)}";
    }

    /// <summary>The types and members of one assembly that another one refers to: a type's name, and where a member is meant its signature.</summary>
    public static IEnumerable<(string Type, string? Member)> References(string path, string toAssembly)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        foreach (var handle in reader.TypeReferences)
        {
            if (IsIn(handle))
                yield return (TypeNames.Of(reader, handle), null);
        }
        foreach (var handle in reader.MemberReferences)
        {
            var member = reader.GetMemberReference(handle);
            if (Parent(member.Parent) is not { } parent || !IsIn(parent))
                continue;
            var name = reader.GetString(member.Name);
            yield return (TypeNames.Of(reader, parent), member.GetKind() == MemberReferenceKind.Field
                ? Field(name, member.DecodeFieldSignature(TypeNames.Instance, null))
                : Method(name, member.DecodeMethodSignature(TypeNames.Instance, null)));
        }

        TypeReferenceHandle? Parent(EntityHandle parent) => parent.Kind switch
        {
            HandleKind.TypeReference => (TypeReferenceHandle)parent,
            HandleKind.TypeSpecification => GenericType(reader, (TypeSpecificationHandle)parent),
            _ => null,
        };

        bool IsIn(TypeReferenceHandle handle) => reader.GetTypeReference(handle).ResolutionScope switch
        {
            { Kind: HandleKind.TypeReference } outer => IsIn((TypeReferenceHandle)outer),
            { Kind: HandleKind.AssemblyReference } assembly => reader.StringComparer.Equals(reader.GetAssemblyReference((AssemblyReferenceHandle)assembly).Name, toAssembly),
            _ => false,
        };
    }

    private static TypeReferenceHandle? GenericType(MetadataReader reader, TypeSpecificationHandle handle)
    {
        var blob = reader.GetBlobReader(reader.GetTypeSpecification(handle).Signature);
        if (blob.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
            return null;
        blob.ReadCompressedInteger();
        return blob.ReadTypeHandle() is { Kind: HandleKind.TypeReference } type ? (TypeReferenceHandle)type : null;
    }

    private static IEnumerable<string> FactsOf(MetadataReader reader, TypeDefinition type)
    {
        yield return $"is {Kind(reader, type)}{GenericParameters(reader, type.GetGenericParameters())}";
        if (!type.BaseType.IsNil)
            yield return $"extends {TypeNames.Of(reader, type.BaseType)}";
        foreach (var i in type.GetInterfaceImplementations())
            yield return $"implements {TypeNames.Of(reader, reader.GetInterfaceImplementation(i).Interface)}";

        foreach (var handle in type.GetFields())
        {
            var field = reader.GetFieldDefinition(handle);
            if (IsVisible((MethodAttributes)(field.Attributes & FieldAttributes.FieldAccessMask)) && !field.Attributes.HasFlag(FieldAttributes.RTSpecialName))
                yield return Field(reader.GetString(field.Name), field.DecodeSignature(TypeNames.Instance, null)) + Separator + Modifiers(reader, field);
        }
        foreach (var handle in type.GetMethods())
        {
            var method = reader.GetMethodDefinition(handle);
            bool overrides = (method.Attributes & (MethodAttributes.Virtual | MethodAttributes.NewSlot)) == MethodAttributes.Virtual;
            if (IsVisible(method.Attributes & MethodAttributes.MemberAccessMask) && !overrides && reader.GetString(method.Name) != ".cctor")
                yield return Method(reader.GetString(method.Name), method.DecodeSignature(TypeNames.Instance, null)) + Separator + Modifiers(reader, method);
        }
    }

    private static string Kind(MetadataReader reader, TypeDefinition type)
    {
        var kind = type.Attributes.HasFlag(TypeAttributes.Interface) ? "interface"
            : type.BaseType.IsNil ? "class"
            : TypeNames.Of(reader, type.BaseType) switch
            {
                "System.ValueType" => "struct",
                "System.Enum" => "enum",
                "System.MulticastDelegate" => "delegate",
                _ => "class",
            };
        if (kind != "class")
            return kind;
        return (type.Attributes & (TypeAttributes.Abstract | TypeAttributes.Sealed)) switch
        {
            TypeAttributes.Abstract | TypeAttributes.Sealed => "static class",
            TypeAttributes.Abstract => "abstract class",
            TypeAttributes.Sealed => "sealed class",
            _ => "class",
        };
    }

    private static string Field(string name, string type) => $"{name}: {type}";

    private static string Method(string name, MethodSignature<string> signature)
    {
        var arity = signature.GenericParameterCount > 0 ? $"``{signature.GenericParameterCount}" : "";
        return $"{name}{arity}({string.Join(", ", signature.ParameterTypes)}): {signature.ReturnType}{(signature.Header.IsInstance ? "" : " static")}";
    }

    private static string Modifiers(MetadataReader reader, FieldDefinition field)
    {
        var words = new List<string> { Access((MethodAttributes)(field.Attributes & FieldAttributes.FieldAccessMask)) };
        if (field.Attributes.HasFlag(FieldAttributes.Literal))
            words.Add($"const = {Constant(reader, field.GetDefaultValue())}");
        else if (field.Attributes.HasFlag(FieldAttributes.Static))
            words.Add("static");
        if (field.Attributes.HasFlag(FieldAttributes.InitOnly))
            words.Add("readonly");
        return string.Join(' ', words);
    }

    private static string Modifiers(MetadataReader reader, MethodDefinition method)
    {
        var words = Access(method.Attributes & MethodAttributes.MemberAccessMask);
        if (method.Attributes.HasFlag(MethodAttributes.Abstract))
            words += " abstract";
        else if (method.Attributes.HasFlag(MethodAttributes.Virtual) && !method.Attributes.HasFlag(MethodAttributes.Final))
            words += " virtual";
        var parameters = method.GetParameters().Select(reader.GetParameter).Where(p => p.SequenceNumber > 0).OrderBy(p => p.SequenceNumber).Select(p => Parameter(reader, p));
        return $"{words}{GenericParameters(reader, method.GetGenericParameters())} ({string.Join(", ", parameters)})";
    }

    private static string Parameter(MetadataReader reader, Parameter parameter)
    {
        var text = reader.GetString(parameter.Name);
        if (parameter.Attributes.HasFlag(ParameterAttributes.Out))
            text = "out " + text;
        if (parameter.GetCustomAttributes().Any(a => AttributeType(reader, a) == ParamArray))
            text = "params " + text;
        if (parameter.Attributes.HasFlag(ParameterAttributes.Optional))
            text += parameter.GetDefaultValue().IsNil ? " = default" : $" = {Constant(reader, parameter.GetDefaultValue())}";
        return text;
    }

    private static string GenericParameters(MetadataReader reader, GenericParameterHandleCollection parameters)
    {
        var constraints = parameters.Select(reader.GetGenericParameter).Select(p =>
        {
            var words = new List<string>();
            if (p.Attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
                words.Add("class");
            if (p.Attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint))
                words.Add("struct");
            else if (p.Attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint))
                words.Add("new()");
            words.AddRange(p.GetConstraints().Select(c => TypeNames.Of(reader, reader.GetGenericParameterConstraint(c).Type)));
            return words.Count == 0 ? null : $"{reader.GetString(p.Name)}: {string.Join(" & ", words)}";
        }).OfType<string>().ToList();
        return constraints.Count == 0 ? "" : $" where {string.Join(", ", constraints)}";
    }

    private static string Constant(MetadataReader reader, ConstantHandle handle)
    {
        var constant = reader.GetConstant(handle);
        return reader.GetBlobReader(constant.Value).ReadConstant(constant.TypeCode) switch
        {
            null => "null",
            string s => $"\"{s}\"",
            var value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
    }

    private static string? AttributeType(MetadataReader reader, CustomAttributeHandle handle) =>
        reader.GetCustomAttribute(handle).Constructor is { Kind: HandleKind.MemberReference } constructor
            ? TypeNames.Of(reader, reader.GetMemberReference((MemberReferenceHandle)constructor).Parent)
            : null;

    private static string Access(MethodAttributes access) => access == MethodAttributes.Public ? "public" : "protected";

    private static bool IsVisible(MethodAttributes access) =>
        access is MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem;

    private static bool IsVisible(MetadataReader reader, TypeDefinition type) => (type.Attributes & TypeAttributes.VisibilityMask) switch
    {
        TypeAttributes.Public => true,
        TypeAttributes.NestedPublic or TypeAttributes.NestedFamily or TypeAttributes.NestedFamORAssem => IsVisible(reader, reader.GetTypeDefinition(type.GetDeclaringType())),
        _ => false,
    };

    /// <summary>Spells types as torch.Tensor, without the namespace TorchSharp; generic arity with `, a type's own parameters as !0, a method's as !!0.</summary>
    private sealed class TypeNames : ISignatureTypeProvider<string, object?>
    {
        public static readonly TypeNames Instance = new();

        public static string Of(MetadataReader reader, EntityHandle handle) => handle.Kind switch
        {
            HandleKind.TypeDefinition => Instance.GetTypeFromDefinition(reader, (TypeDefinitionHandle)handle, 0),
            HandleKind.TypeReference => Instance.GetTypeFromReference(reader, (TypeReferenceHandle)handle, 0),
            _ => reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(Instance, null),
        };

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            var type = reader.GetTypeDefinition(handle);
            var outer = type.GetDeclaringType();
            return Name(outer.IsNil ? null : GetTypeFromDefinition(reader, outer, 0), reader.GetString(type.Namespace), reader.GetString(type.Name));
        }

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            var type = reader.GetTypeReference(handle);
            var outer = type.ResolutionScope is { Kind: HandleKind.TypeReference } scope ? GetTypeFromReference(reader, (TypeReferenceHandle)scope, 0) : null;
            return Name(outer, reader.GetString(type.Namespace), reader.GetString(type.Name));
        }

        private static string Name(string? outer, string space, string name)
        {
            if (outer is not null)
                return $"{outer}.{name}";
            var inside = space.StartsWith("TorchSharp.", StringComparison.Ordinal) ? space["TorchSharp.".Length..] : space;
            return inside is "" or "TorchSharp" ? name : $"{inside}.{name}";
        }

        public string GetTypeFromSpecification(MetadataReader reader, object? context, TypeSpecificationHandle handle, byte rawTypeKind) => Of(reader, handle);

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode switch
        {
            PrimitiveTypeCode.Boolean => "bool",
            PrimitiveTypeCode.SByte => "sbyte",
            PrimitiveTypeCode.Byte => "byte",
            PrimitiveTypeCode.Int16 => "short",
            PrimitiveTypeCode.UInt16 => "ushort",
            PrimitiveTypeCode.Int32 => "int",
            PrimitiveTypeCode.UInt32 => "uint",
            PrimitiveTypeCode.Int64 => "long",
            PrimitiveTypeCode.UInt64 => "ulong",
            PrimitiveTypeCode.Single => "float",
            PrimitiveTypeCode.Double => "double",
            PrimitiveTypeCode.Char => "char",
            PrimitiveTypeCode.String => "string",
            PrimitiveTypeCode.Object => "object",
            PrimitiveTypeCode.Void => "void",
            _ => typeCode.ToString(),
        };

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => $"{genericType}<{string.Join(", ", typeArguments)}>";

        public string GetGenericTypeParameter(object? genericContext, int index) => $"!{index}";

        public string GetGenericMethodParameter(object? genericContext, int index) => $"!!{index}";

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => $"{unmodifiedType} {(isRequired ? "modreq" : "modopt")}({modifier})";

        public string GetSZArrayType(string elementType) => elementType + "[]";

        public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{new string(',', shape.Rank - 1)}]";

        public string GetByReferenceType(string elementType) => elementType + "&";

        public string GetPointerType(string elementType) => elementType + "*";

        public string GetPinnedType(string elementType) => elementType;

        public string GetFunctionPointerType(MethodSignature<string> signature) => $"delegate*({string.Join(", ", signature.ParameterTypes)}): {signature.ReturnType}";
    }
}
